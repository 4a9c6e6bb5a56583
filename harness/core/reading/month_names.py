"""Names of months, weekdays and eras in many languages, each with its number.

A name that means two months in two languages (`listopad` is October or November) is left out.
"""

# ruff: noqa: RUF001  # letters of many alphabets are meant

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_ENGLISH: Final = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_LATIN: Final = """
januar jänner jan janvier janv enero ene gennaio gen janeiro januari ianuarie styczeń stycznia
leden ledna ocak január; februar feber février fevrier févr fevr febrero febbraio feb fevereiro
fev februari februarie luty lutego únor února şubat február; märz maerz mär mrz mars marzo março
marco maart mrt marts martie marzec marca březen března mart március maret; avril avr abril abr
aprile aprilie kwiecień kwietnia duben dubna nisan április; mai mayo maggio mag maio mei maj
maja květen května mayıs május; juni jun juin junio giugno giu junho iunie czerwiec czerwca
červen června haziran június; juli jul juillet juil julio luglio lug julho iulie lipiec lipca
červenec července temmuz július; août aout agosto ago augustus augusti sierpień sierpnia srpen
srpna ağustos augusztus agustus; septembre septiembre setiembre settembre set setembro
septembrie wrzesień września září eylül szeptember; oktober okt octobre octubre oct ottobre ott
outubro out octombrie październik października říjen října ekim október; novembre noviembre
novembro noiembrie kasım; dezember dez décembre decembre déc diciembre dic dicembre dezembro
desember decembrie grudzień grudnia prosinec prosince aralık
"""
"""German, French, Spanish, Italian, Portuguese, Dutch, Romanian, Polish, Czech, Turkish, Hungarian,
Danish, Norwegian, Swedish and Indonesian, by month; the English names are above."""
_FINNISH: Final = "tammi helmi maalis huhti touko kesä heinä elo syys loka marras joulu"
_OTHER_SCRIPTS: Final = """
январь января янв січень січня ιανουάριος ιανουαρίου ינואר يناير ژانویه जनवरी มกราคม; февраль
февраля фев лютий лютого φεβρουάριος φεβρουαρίου פברואר فبراير شباط فوریه फ़रवरी फरवरी
กุมภาพันธ์; март марта мар березень березня μάρτιος μαρτίου מרץ מרס مارس آذار मार्च มีนาคม;
апрель апреля апр квітень квітня απρίλιος απριλίου אפריל أبريل ابريل إبريل نيسان آوریل अप्रैल
เมษายน; май мая травень травня μάιος μαΐου מאי مايو أيار मई พฤษภาคม; июнь июня июн червень
червня ιούνιος ιουνίου יוני يونيو حزيران ژوئن जून มิถุนายน; июль июля июл липень липня ιούλιος
ιουλίου יולי يوليو تموز ژوئیه जुलाई กรกฎาคม; август августа авг серпень серпня αύγουστος
αυγούστου אוגוסט أغسطس اغسطس अगस्त สิงหาคม; сентябрь сентября сен сент вересень вересня
σεπτέμβριος σεπτεμβρίου ספטמבר سبتمبر أيلول سپتامبر सितंबर सितम्बर กันยายน; октябрь октября окт
жовтень жовтня οκτώβριος οκτωβρίου אוקטובר أكتوبر اكتوبر اکتبر अक्टूबर अक्तूबर ตุลาคม; ноябрь
ноября ноя νοέμβριος νοεμβρίου נובמבר نوفمبر نوامبر नवंबर नवम्बर พฤศจิกายน; декабрь декабря дек
грудень грудня δεκέμβριος δεκεμβρίου דצמבר ديسمبر دسامبر दिसंबर दिसम्बर ธันวาคม
"""
"""Russian, Ukrainian, Greek, Hebrew, Arabic, Persian, Hindi and Thai, by month."""


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


MONTHS: Final[Mapping[str, int]] = MappingProxyType(
    {
        name[:size]: number
        for number, name in enumerate(_ENGLISH, start=1)
        for size in range(3, len(name) + 1)
    }
    | {
        _folded(name): number
        for table in (_LATIN, _OTHER_SCRIPTS)
        for number, names in enumerate(table.split(";"), start=1)
        for name in names.split()
    }
    | {
        f"{name}kuu{ending}": number
        for number, name in enumerate(_FINNISH.split(), start=1)
        for ending in ("", "ta")
    }
)
"""The month that a folded name means."""

_DAYS: Final = """
monday mon montag lundi lunes lunedì maandag понедельник; tuesday tues tue dienstag mardi martes
martedì dinsdag вторник; wednesday wednes wed mittwoch mercredi miércoles mercoledì woensdag
среда; thursday thurs thu donnerstag jeudi jueves giovedì donderdag четверг; friday fri freitag
vendredi viernes venerdì vrijdag пятница; saturday satur sat samstag sonnabend samedi sábado
sabato zaterdag суббота; sunday sun sonntag dimanche domingo domenica zondag воскресенье
"""
WEEKDAYS: Final[Mapping[str, int]] = MappingProxyType(
    {_folded(name): day for day, names in enumerate(_DAYS.split(";")) for name in names.split()}
    | {name: day for day, name in enumerate("月火水木金土日")}
)
"""Monday is 0."""

_ERAS: Final[Mapping[str, int]] = MappingProxyType(
    {
        "令和": 2018,
        "平成": 1988,
        "昭和": 1925,
        "大正": 1911,
        "明治": 1867,
        "民國": 1911,
        "民国": 1911,
    }
)
"""The year before the first of each era, Japanese and of the Republic of China."""
_BUDDHIST: Final = 543
_BUDDHIST_FROM: Final = 2400
"""A Thai year beyond it is counted from the Buddha."""


def common_year(year: int, *names: str | None) -> int:
    """Return the year of the common era that a year means beside an era or the name of a month.

    >>> common_year(6, "令和"), common_year(2567, "มีนาคม"), common_year(2024, "march")
    (2024, 2024, 2024)
    """
    for name in filter(None, names):
        if name in _ERAS:
            return year + _ERAS[name]
        if _is_thai(name) and year > _BUDDHIST_FROM:
            return year - _BUDDHIST
    return year


def _is_thai(name: str) -> bool:
    return "\u0e00" <= name[0] <= "\u0e7f"
