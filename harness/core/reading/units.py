"""Units of measurement, scale words and signs of percent: what may stand beside a number.

The table is closed: a word that is not in it is no unit, and a number beside it is not read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final, NamedTuple

from harness.core.reading.currencies import currencies

_SYMBOLS: Final = """
kg \u338f; g; mg \u338e; \u00b5g ug mcg; ng; t; lb lbs; oz; km \u339e; m; dm; cm \u339d; mm
\u339c; \u00b5m um; nm; mi; yd; ft; in; ha; m\u00b2 \u33a1 sqm qm; km\u00b2 sqkm; cm\u00b2;
mm\u00b2; ft\u00b2 sqft; m\u00b3 \u33a5 cbm; cm\u00b3 ccm cc; mm\u00b3; ft\u00b3; l L \u2113; ml
mL \u3396; cl cL; dl dL; hl hL; \u00b5l \u00b5L ul uL; gal; qt; pt; h hr hrs; min mins; s sec
secs; ms; d; wk wks; mo mos; yr yrs; \u00b0C \u2103; \u00b0F \u2109; \u00b0 deg; rad; V; mV; kV;
A; mA; W; mW; kW; MW; GW; Wh; kWh; MWh; GWh; TWh; J; kJ; MJ; GJ; cal; kcal; Hz; kHz; MHz; GHz; Pa;
hPa; kPa; MPa; bar; mbar; psi; N; kN; Nm; \u03a9; k\u03a9; F; \u00b5F; nF; pF; kB KB; MB; GB; TB;
KiB; MiB; GiB; TiB; bit; km/h kmh kph; m/s; mph; mol; mmol; \u00b5mol; mol/l mol/L; mmol/l mmol/L;
mg/l mg/L; g/l g/L; mg/dl mg/dL; mg/kg; g/mol; kg/m\u00b3; kg/m\u00b2; IU; rpm; dB; px; dpi; ppm;
ppb; VA; kVA; hp; %; \u2030; \u2031; pp; eV; keV; MeV; nt; kn; kbit kb Kb; Mbit Mb; Gbit Gb; Tbit
Tb; kbps kbit/s kb/s Kbps; Mbps Mbit/s Mb/s; Gbps Gbit/s Gb/s; kBps kB/s KB/s; MBps MB/s; GBps
GB/s; m\u03a9; M\u03a9; mAh; Ah; lm; lx; cd; Bq; mSv; Sv; mGy; Gy; atm; mmHg; kWp; MWp; Mt; kt;
dBm; Mg; PB; pb
"""
"""Symbols by `;`, spellings of one by spaces. Their case counts: mW is not MW."""

_WORDS: Final = """
kg: kg kilogram kilograms kilogramm kilogramme kilo kilos; g: gram grams gramm gramme grammes; mg:
milligram milligrams; t: tonne tonnes; ton: ton tons tonnen; lb: lb lbs pound-mass; oz: oz ounce
ounces; km: km kilometer kilometers kilometre kilometres; m: meter meters metre metres; cm: cm
centimeter centimeters centimetre centimetres; mm: millimeter millimeters millimetre millimetres;
mi: mile miles; yd: yard yards; ft: foot feet; in: inch inches; ha: hectare hectares hektar; ac:
acre acres; l: liter liters litre litres; ml: ml milliliter milliliters millilitre millilitres; gal:
gal gallon gallons; h: hr hrs hour hours stunde stunden heure heures hora horas; min: min mins
minute minutes minuten; s: sec secs second seconds sekunde sekunden; d: day days tag tage tagen jour
jours d\u00eda d\u00edas dia dias; wk: week weeks woche wochen semaine semaines; mo: month months
monat monate mois mes meses; yr: year years jahr jahre jahren an ans ann\u00e9e ann\u00e9es a\u00f1o
a\u00f1os; %: percent prozent pct pourcent; V: volt volts; A: ampere amperes amp amps; W: watt
watts; kW: kw kilowatt kilowatts; kWh: kwh; pcs: pc pcs piece pieces stk st\u00fcck; unit: unit
units; each: ea each; people: people persons person; page: page pages seite seiten; \u00b0: degree
degrees; ac: ac; bp: bp bps; pp: pp; \u00b0C: celsius; \u00b0F: fahrenheit; K: kelvin kelvins;
kg: \u043a\u0433 \u516c\u65a4 \u5343\u514b \u30ad\u30ed\u30b0\u30e9\u30e0; g: \u0433
\u514b \u30b0\u30e9\u30e0; mg: \u043c\u0433 \u6beb\u514b; t: \u5428; km: \u043a\u043c
\u516c\u91cc \u5343\u7c73; m: \u043c \u7c73 \u30e1\u30fc\u30c8\u30eb; cm: \u0441\u043c
\u5398\u7c73; mm: \u043c\u043c \u6beb\u7c73; l: \u043b \u5347; ml: \u043c\u043b
\u6beb\u5347; yr: \u5e74 \ub144 \u0433\u043e\u0434 \u0433\u043e\u0434\u0430
\u043b\u0435\u0442 anni jaar \u00e5r lat lata; mo: mesi maanden; d: giorni dagen; h: ore uur
\u5c0f\u65f6 \u6642\u9593; min: \u5206\u949f minuti minuut
"""
"""Words by `;`, after the unit they name; their case does not count. Symbols that mean one thing
in any case are among them (`KG`)."""

_SCALES: Final = """
thousand: thousand thousands tsd mille; hundred: hundred hundreds; dozen: dozen dozens; lakh: lakh
lakhs lac; crore: crore crores cr; million: million millions mio mn mln millionen millones milioni
\u043c\u043b\u043d; milliard: milliard milliards milliarde milliarden mrd mld
\u043c\u043b\u0440\u0434; billion: billion billions bn; billionen: billionen; trillion: trillion
trillions trn tn; 1e4: \u4e07 \u842c; 1e8: \u4ebf \u5104; 1e3: \u5343 \u0442\u044b\u0441
"""
_LETTERS: Final = frozenset(("k", "K", "M", "MM", "B", "T", "G"))
"""Letters for a scale, each its own: `M` is a million for some and a thousand for others."""
_BEFORE_CURRENCY: Final = frozenset(("k", "K", "t", "T", "m", "M", "Mio", "Mrd", "b", "B"))
"""Letters for a scale where a currency stands beside them: `T\u20ac`, `MEUR`, `k$`."""


def _worded(words: str, symbol: str) -> tuple[re.Pattern[str], str]:
    return re.compile(rf"\b{words}\.?\Z", re.IGNORECASE), symbol


_DEGREES: Final = r"deg(?:rees?|\.)?\s?"
_SPELT_JOINTLY: Final = (
    (re.compile(r"(?<![^\W\d_])([kcdm]?m|ft|in)\^?2\.?\Z"), "\\1\u00b2"),
    (re.compile(r"(?<![^\W\d_])([kcdm]?m|ft|in)\^?3\.?\Z"), "\\1\u00b3"),
    _worded(r"sq(?:\.|uare)?\s?(m|ft|km|cm)", "\\1\u00b2"),
    _worded("square (?:met(?:er|re)s?)", "m\u00b2"),
    _worded("square f(?:ee|oo)t", "ft\u00b2"),
    _worded("per cent", "percent"),
    _worded("basis points?", "bps"),
    _worded("percentage points?", "pp"),
    _worded("mm hg", "mmHg"),
    _worded(f"{_DEGREES}c(?:elsius)?", "\u00b0C"),
    _worded(f"{_DEGREES}f(?:ahrenheit)?", "\u00b0F"),
    (re.compile(r"\u00ba(?=[CF]?\Z)"), "\u00b0"),
)
"""Units of several words, and powers without superscripts, each with its symbol."""


def joined_units(text: str) -> str:
    """Write a unit of several words, or a power written as a digit, as the one symbol it has.

    >>> joined_units("5 sq. ft."), joined_units("5 m2"), joined_units("5 basis points")
    ('5 ft\u00b2', '5 m\u00b2', '5 bps')
    """
    if text and (text[-1].isalpha() or text[-1] in _LAST_OF_UNITS):
        for shape, symbol in _SPELT_JOINTLY:
            text = shape.sub(symbol, text)
    return text


_LAST_OF_UNITS: Final = ".23\u00ba"


class Beside(NamedTuple):
    """Unit or sign beside a number, in one spelling; empty where there is none."""

    unit: str = ""
    scale: str = ""
    currencies: frozenset[str] = frozenset()
    """The codes that a currency's sign can stand for."""

    def agrees(self, other: Beside) -> bool:
        """Tell whether two numbers that are equal are the same with what stands beside them.

        Where one side names nothing the numbers decide, but a scale is part of the number.

        >>> beside("kg").agrees(Beside()), beside("kg").agrees(beside("g"))
        (True, False)
        >>> beside("M").agrees(Beside()), beside("$").agrees(beside("USD"))
        (False, True)
        """
        if self.scale != other.scale:
            return False
        named, also = bool(self.unit or self.currencies), bool(other.unit or other.currencies)
        if not named or not also:
            return True
        shared = self.currencies == other.currencies or bool(self.currencies & other.currencies)
        return self.unit == other.unit and shared


def may_stand_before(word: str) -> bool:
    """Tell whether a word may stand before a number: a currency or a sign of percent.

    >>> may_stand_before("EUR"), may_stand_before("%"), may_stand_before("A")
    (True, True, False)
    """
    known = _meaning(word)
    return known is not None and (bool(known.currencies) or known.unit in SHARES)


SHARES: Final[Mapping[str, int]] = MappingProxyType({"%": 100, "\u2030": 1000, "\u2031": 10_000})
"""By how much a sign divides the number beside it."""


def beside(*words: str) -> Beside | None:
    r"""Return what some words beside one number mean together; None where one is not known.

    >>> beside("kilograms").unit, beside("Mio.").scale, beside("widgets") is None
    ('kg', 'million', True)
    >>> beside("M\u20ac").scale, sorted(beside("$", "m").currencies & {"USD"})
    ('M', ['USD'])
    """
    beside = Beside()
    for word in filter(None, words):
        known = _meaning(word)
        if known is None:
            return None
        shared = known.currencies & beside.currencies if beside.currencies else known.currencies
        clash = (beside.unit and known.unit) or (beside.scale and known.scale)
        if clash or (beside.currencies and known.currencies and not shared):
            return None
        beside = Beside(
            known.unit or beside.unit,
            known.scale or beside.scale,
            shared if known.currencies else beside.currencies,
        )
    if beside.currencies and beside.unit in _BEFORE_CURRENCY:
        return Beside("", beside.unit.upper(), beside.currencies)
    return None if beside.currencies and beside.unit else beside


@lru_cache(maxsize=1024)
def _meaning(word: str) -> Beside | None:
    """Return what one word or sign beside a number means."""
    word = word.replace("\u03bc", "\u00b5")
    plain = word.rstrip(".") or word
    symbol = _UNITS.get(word) or _UNITS.get(plain)
    if symbol is not None:
        return Beside(unit=symbol)
    codes = currencies(word) or currencies(plain)
    if codes is not None:
        return Beside(currencies=codes)
    folded = plain.casefold()
    scale = plain if plain in _LETTERS else _SCALE_WORDS.get(folded, "")
    unit = _UNIT_WORDS.get(folded, "")
    return Beside(unit, scale) if unit or scale else _scaled_currency(plain)


def _scaled_currency(word: str) -> Beside | None:
    """Return what a scale and a currency written as one word mean."""
    for size in (1, 3):
        scale, codes = word[:size], currencies(word[size:])
        if scale in _BEFORE_CURRENCY and codes is not None:
            return Beside(scale=_SCALE_WORDS.get(scale.casefold(), scale.upper()), currencies=codes)
    return None


def _table(text: str) -> dict[str, str]:
    """Map every spelling to what stands before the colon."""
    groups = [group.partition(":") for group in " ".join(text.split()).split("; ")]
    return {word: name.strip() for name, _, words in groups for word in words.split()}


_UNITS: Final[Mapping[str, str]] = MappingProxyType(
    {
        symbol: group.split()[0]
        for group in " ".join(_SYMBOLS.split()).split("; ")
        for symbol in group.split()
    }
)
_UNIT_WORDS: Final[Mapping[str, str]] = MappingProxyType(_table(_WORDS))
_SCALE_WORDS: Final[Mapping[str, str]] = MappingProxyType(_table(_SCALES))
