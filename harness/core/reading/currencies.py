"""Currencies: their codes (ISO 4217), and the signs and words that stand for them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

CODES: Final = frozenset(
    """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN
    BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS
    GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW
    KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD
    NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD
    SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED
    VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
    ATS BEF BYR CUC CYP DEM EEK ESP FIM FRF GRD HRK IEP ITL LTL LUF LVL MTL NLG PTE ROL SIT SKK SLL
    TRL VEF ZWL
    """.split()  # noqa: SIM905  # a list literal would be a page long
)
"""Codes in use, then those of the past that documents still name."""

THREE_DECIMALS: Final = frozenset(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"))
"""Currencies whose amounts are written with three decimals (ISO 4217, minor unit)."""

_DOLLARS: Final = (
    "USD CAD AUD NZD HKD SGD TWD MXN ARS CLP COP UYU CUP DOP CVE BBD BMD BND BSD BZD FJD GYD JMD"
    " KYD LRD NAD SBD SRD TTD XCD"
)
_POUNDS: Final = "GBP EGP FKP GIP LBP SDG SHP SSP SYP IEP"
_RUPEES: Final = "INR PKR LKR NPR MUR SCR"
_KRONER: Final = "SEK NOK DKK ISK"
_FRANCS: Final = "CHF FRF BEF LUF XOF XAF XPF BIF CDF DJF GNF KMF RWF"

_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "$ dollar dollars": _DOLLARS,
        "\u00a3 pound pounds": _POUNDS,
        "rs rs. rupee rupees": _RUPEES,
        "kr kr.": _KRONER,
        "fr fr. franc francs": _FRANCS,
        "us$ $us usd$ u.s.$ us-dollar": "USD",
        "ca$ can$ cad$": "CAD",
        "c$": "CAD NIO",
        "a$ au$ aud$": "AUD",
        "nz$": "NZD",
        "hk$": "HKD",
        "s$ sg$": "SGD",
        "nt$ tw$": "TWD",
        "mx$ mex$": "MXN",
        "r$": "BRL",
        "ec$": "XCD",
        "\u20ac euro euros": "EUR",
        "sterling": "GBP",
        "\u00a5 \uffe5": "JPY CNY",
        "yen \u5186": "JPY",
        "yuan renminbi rmb \u5143": "CNY",
        "\u20b9": "INR",
        "\u20a9 won \uc6d0": "KRW KPW",
        "\u20bd \u0440\u0443\u0431 \u0440\u0443\u0431. \u0440\u0443\u0431\u043b\u0435\u0439": "RUB",
        "\u20ba tl": "TRY",
        "\u20b4 \u0433\u0440\u043d \u0433\u0440\u043d.": "UAH",
        '\u20aa nis \u05e9"\u05d7 \u05e9\u05d7': "ILS",
        "\u0e3f": "THB",
        "\u20ab": "VND",
        "\u20b1": "PHP CUP",
        "\u20a6": "NGN",
        "\u20b5 gh\u20b5": "GHS",
        "\u20a1": "CRC SVC",
        "\u20b2": "PYG",
        "\u20b8": "KZT",
        "\u20ae": "MNT",
        "\u20be": "GEL",
        "\u058f": "AMD",
        "\u20bc": "AZN",
        "z\u0142": "PLN",
        "k\u010d": "CZK",
        "ft": "HUF",
        "lei": "RON MDL",
        "r": "ZAR",
        "sfr sfr.": "CHF",
        "cfa fcfa": "XOF XAF",
        "rm": "MYR",
        "rp rp.": "IDR",
        "s/ s/.": "PEN",
        "dm": "DEM",
    }
)

_KNOWN: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {code.casefold(): frozenset((code,)) for code in CODES}
    | {name: frozenset(codes.split()) for names, codes in _NAMES.items() for name in names.split()}
    | {
        f"{of} {name}": frozenset((code,))
        for of, name, code in (
            *(("us", name, "USD") for name in ("dollar", "dollars")),
            *(("swiss", name, "CHF") for name in ("franc", "francs")),
            *(("pound", "sterling", "GBP"), ("pounds", "sterling", "GBP")),
        )
    }
)


def currencies(name: str) -> frozenset[str] | None:
    r"""Return the codes a code, sign or word can stand for; None where it is no currency.

    >>> sorted(currencies("US$")), sorted(currencies("\u00a5")), currencies("kg") is None
    (['USD'], ['CNY', 'JPY'], True)
    """
    return _KNOWN.get(" ".join(name.split()).casefold())


def same_currency(one: str, other: str) -> bool:
    r"""Tell whether two codes, signs or words can stand for one currency.

    >>> same_currency("GBP", "\u00a3"), same_currency("GBP", "$"), same_currency("kg", "kg")
    (True, False, False)
    """
    return bool((currencies(one) or frozenset()) & (currencies(other) or frozenset()))
