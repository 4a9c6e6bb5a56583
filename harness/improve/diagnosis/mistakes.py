"""Kinds of mistake that a prompt can cure, each with its wording and its usual cure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple


class Mistake(StrEnum):
    """Kinds of mistake, told from the two values, the answer and the document alone."""

    ITEM_MISSING = "item_missing"
    LIST_MISSING = "list_missing"
    NULL = "null"
    BLANK = "blank"
    KEY_MISSING = "key_missing"
    RENAMED_KEY = "renamed_key"
    OTHER_KEY = "other_key"
    MISPLACED = "misplaced"
    NUMBER_AS_TEXT = "number_as_text"
    TEXT_AS_NUMBER = "text_as_number"
    DATE_FORMAT = "date_format"
    CURRENCY_FORM = "currency_form"
    OTHER_TYPE = "other_type"
    OTHER_FORMAT = "other_format"
    WRAPPED = "wrapped"
    UNWRAPPED = "unwrapped"
    SCALE = "scale"
    SIGN = "sign"
    DECIMAL_MARK = "decimal_mark"
    CASE = "case"
    PUNCTUATION = "punctuation"
    TRUNCATED = "truncated"
    START_LOST = "start_lost"
    END_LOST = "end_lost"
    PART_LOST = "part_lost"
    TEXT_ADDED = "text_added"
    REORDERED_WORDS = "reordered_words"
    DAY_AND_MONTH = "day_and_month"
    REORDERED = "reordered"
    OTHER_ITEM = "other_item"
    OTHER_FIELD = "other_field"
    OTHER_ENTITY = "other_entity"
    CONFUSED = "confused"
    NEAR_MISS = "near_miss"
    OTHER_CANDIDATE = "other_candidate"
    DIGIT_SLIP = "digit_slip"
    NOT_IN_DOCUMENT = "not_in_document"
    DIFFERENT = "different"
    PLACEHOLDER = "placeholder"
    DEFAULT = "default"
    UNKNOWN_KEY = "unknown_key"
    ITEM_EXTRA = "item_extra"
    ITEM_TWICE = "item_twice"
    BEYOND_TRUTH = "beyond_truth"
    INVENTED = "invented"
    NO_ANSWER = "no_answer"


class MistakeWords(NamedTuple):
    """Wording of a mistake."""

    says: str
    """What is wrong; `{}` is where the detail goes."""
    cure: str
    """What a prompt that does not make it usually says."""


WORDS: Final[Mapping[Mistake, MistakeWords]] = MappingProxyType(
    {
        Mistake.ITEM_MISSING: MistakeWords(
            "whole items are left out of the list",
            "Say what counts as an item, and that every one is wanted, however many there are.",
        ),
        Mistake.LIST_MISSING: MistakeWords(
            "the list is left out or left empty",
            "Say where such a list stands in a document and what one item of it is.",
        ),
        Mistake.NULL: MistakeWords(
            "null is said where the truth has a value",
            "Say where the value is found, how it is worded there, and when null is right.",
        ),
        Mistake.BLANK: MistakeWords(
            "a blank is said where the truth has a value",
            "Say where the value is found and how it is worded there.",
        ),
        Mistake.KEY_MISSING: MistakeWords(
            "the key is missing from the answer",
            "Name the field, and say where its value is found and how it is worded there.",
        ),
        Mistake.RENAMED_KEY: MistakeWords(
            "the value stands under the key {}",
            "Give the exact key, and say that no other spelling of it is read.",
        ),
        Mistake.OTHER_KEY: MistakeWords(
            "the key of an entry is {}",
            "Say what the keys are: by which words of the document, and in which spelling.",
        ),
        Mistake.MISPLACED: MistakeWords(
            "the value stands at {}",
            "Say where in the answer the field belongs, or show the answer's shape once.",
        ),
        Mistake.NUMBER_AS_TEXT: MistakeWords(
            "a number is written as text{}",
            "Say that it is a bare JSON number: no quotes, grouping, currency, or unit.",
        ),
        Mistake.TEXT_AS_NUMBER: MistakeWords(
            "a text is written as a number",
            "Say that it is text and is to be kept as written, leading zeros included.",
        ),
        Mistake.DATE_FORMAT: MistakeWords(
            "a date is not written {}",
            "Give the format by its pattern, and say that dates are converted to it.",
        ),
        Mistake.CURRENCY_FORM: MistakeWords(
            "a currency is not written {}",
            "Say in which form the currency is wanted, such as its ISO 4217 code.",
        ),
        Mistake.OTHER_TYPE: MistakeWords(
            "{}", "Say what JSON type the field has, with one example of a value."
        ),
        Mistake.OTHER_FORMAT: MistakeWords(
            "the value is right but breaks {}",
            "Say which values or which format are allowed, as the schema has them.",
        ),
        Mistake.WRAPPED: MistakeWords(
            "a list of one stands where a single value is expected",
            "Say that the field is a single value and which one is wanted if there are several.",
        ),
        Mistake.UNWRAPPED: MistakeWords(
            "a single value stands where a list is expected",
            "Say that the field is a list, even of one.",
        ),
        Mistake.SCALE: MistakeWords(
            "the number is {}",
            "Say in which unit the number is wanted, and whether a scale that the document "
            "declares (thousands, millions, percent) is to be applied or left as printed.",
        ),
        Mistake.SIGN: MistakeWords(
            "the number has the opposite sign",
            "Say how losses, credits and amounts in parentheses are to be signed.",
        ),
        Mistake.DECIMAL_MARK: MistakeWords(
            "decimal mark and digit grouping are taken for each other",
            "Say which of comma and point groups digits in these documents.",
        ),
        Mistake.CASE: MistakeWords(
            "only upper and lower case differ", "Say how the value is to be capitalised."
        ),
        Mistake.PUNCTUATION: MistakeWords(
            "only spaces and punctuation differ",
            "Say whether the value is copied as printed or which marks are left out.",
        ),
        Mistake.TRUNCATED: MistakeWords(
            "the text breaks off before its end", "Say that the whole text is wanted."
        ),
        Mistake.START_LOST: MistakeWords(
            "the beginning of the text is left out", "Say where the value begins."
        ),
        Mistake.END_LOST: MistakeWords(
            "the end of the text is left out", "Say where the value ends."
        ),
        Mistake.PART_LOST: MistakeWords(
            "only a part from inside the text is given", "Say where the value begins and ends."
        ),
        Mistake.TEXT_ADDED: MistakeWords(
            "more text than the value is given, {}",
            "Say where the value begins and ends, and what beside it is not part of it.",
        ),
        Mistake.REORDERED_WORDS: MistakeWords(
            "the same words stand in another order", "Say in which order its parts are wanted."
        ),
        Mistake.DAY_AND_MONTH: MistakeWords(
            "day and month are taken for each other",
            "Say in which order these documents write day and month.",
        ),
        Mistake.REORDERED: MistakeWords(
            "the items stand in another order", "Say in which order the list is wanted."
        ),
        Mistake.OTHER_ITEM: MistakeWords(
            "the value belongs to another item of the list",
            "Say what ties the values of one item together, such as a row or a heading.",
        ),
        Mistake.OTHER_FIELD: MistakeWords(
            "the value of {} is given",
            "Say what tells the two fields apart and by which words the document does.",
        ),
        Mistake.OTHER_ENTITY: MistakeWords(
            "another entity is referred to, or one that is not there",
            "Say by what the document shows who is meant, and that ids in the answer are its own.",
        ),
        Mistake.CONFUSED: MistakeWords(
            "{} is said", "Say what decides between the allowed values."
        ),
        Mistake.NEAR_MISS: MistakeWords(
            "the text is nearly right{}",
            "Say that the value is copied as the document has it, without correction.",
        ),
        Mistake.OTHER_CANDIDATE: MistakeWords(
            "another value that stands in the document is given",
            "Say which of several candidates is meant: by its label, its place, or its period.",
        ),
        Mistake.DIGIT_SLIP: MistakeWords(
            "one digit is off",
            "Say that digits are copied; if that does not help, the reading of the page is at "
            "fault and not the prompt.",
        ),
        Mistake.NOT_IN_DOCUMENT: MistakeWords(
            "a value that stands nowhere in the document is given",
            "Say whether the value is copied, converted or computed, and from what.",
        ),
        Mistake.DIFFERENT: MistakeWords(
            "another value is given", "Say what the field means, with its boundary cases."
        ),
        Mistake.PLACEHOLDER: MistakeWords(
            "a placeholder is given instead of a value", "Say that what is unknown is null."
        ),
        Mistake.DEFAULT: MistakeWords(
            "{} is given where the truth has nothing",
            "Say that what the document does not state is null, not a default.",
        ),
        Mistake.UNKNOWN_KEY: MistakeWords(
            "a key is given that the schema does not have",
            "Say that the answer has the schema's keys and no others.",
        ),
        Mistake.ITEM_EXTRA: MistakeWords(
            "items are given that the truth does not have",
            "Say what does not count as an item: headings, totals, notes, examples.",
        ),
        Mistake.ITEM_TWICE: MistakeWords(
            "an item is given twice", "Say that each item is wanted once, wherever it is repeated."
        ),
        Mistake.BEYOND_TRUTH: MistakeWords(
            "a value that stands in the document is given where the truth has nothing",
            "Say what the value must be about to count; if it does count, dispute the truth.",
        ),
        Mistake.INVENTED: MistakeWords(
            "a value is invented where the truth has nothing",
            "Say that what the document does not state is null, and that nothing is inferred.",
        ),
        Mistake.NO_ANSWER: MistakeWords(
            "there is no usable answer: {}",
            "See the failure's message: ask for JSON and nothing else, or for less at a time.",
        ),
    }
)
"""Words for every mistake: a test sees to it that none is left out."""
