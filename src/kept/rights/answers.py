"""What the answer to each right is called, on the person's pages and on the desk."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    called: str  # a heading: "The copy of your data"
    ready: str  # one or two sentences, when it is there
    get: str  # the button that fetches it
    computers: str  # what in the file is for computers
    going: str  # a stage of the request, while it lasts
    gone: str  # and once it is over
    making: str  # what the desk says meanwhile: "copy is being made"
    doing: str  # a sentence while it lasts, without its end
    done: str  # and once it is over


_REPORT = "The same facts as a JSON file."
_CHANGE = Answer(
    "Our report",
    "We did what you asked, and looked again. The report says what was done, system by system.",
    "Get the report",
    _REPORT,
    "We do it in each system, and then look a second time",
    "We did it, and looked a second time",
    "being carried out",
    "We are doing it now",
    "We have done what you asked",
)
ANSWERS: dict[str, Answer] = {
    "access": Answer(
        "The copy of your data",
        "The copy of your data is ready.",
        "Get my copy",
        "The same data as JSON and CSV files.",
        "We put your copy together",
        "We put your copy together",
        "copy is being made",
        "We are putting your copy together now",
        "Your copy is ready",
    ),
    "portability": Answer(
        "Your data to take along",
        "What you gave us, and what your use of our services made, is ready in a form that computers read.",
        "Get my data",
        "JSON and CSV files, with a schema that says what stands where.",
        "We put your data together",
        "We put your data together",
        "copy is being made",
        "We are putting your data together now",
        "Your data is ready",
    ),
    "erasure": Answer(
        "The report of the erasure",
        "We erased your data and looked again. The report says what went and what stays.",
        "Get the report",
        _REPORT,
        "We erase, and then look a second time",
        "We erased, and looked a second time",
        "being erased",
        "We are erasing your data now",
        "We have erased your data",
    ),
    "objection": Answer(
        "Our answer",
        "The use that you objected to has ended.",
        "Get the answer",
        _REPORT,
        "We end the use in each system",
        "We ended the use in each system",
        "use is being ended",
        "We are ending that use now",
        "That use has ended",
    ),
    "restriction": Answer(
        "Our answer",
        "Your data are stored, and not used.",
        "Get the answer",
        _REPORT,
        "We pause the use in each system",
        "We paused the use in each system",
        "being paused",
        "We are pausing the use of your data now",
        "The use of your data is paused",
    ),
    "rectification": Answer(
        "The report of the correction",
        "What was wrong is put right, and we read it again. The report says what changed, and what stays as it was.",
        "Get the report",
        _REPORT,
        "We put it right, and then read it again",
        "We put it right, and read it again",
        "being put right",
        "We are putting it right now",
        "We have put it right",
    ),
    "automated": Answer(
        "Our answer about a computer’s decision",
        "A person looked again. The answer says how it was decided, what holds now, and why.",
        "Get the answer",
        _REPORT,
        "A person writes our answer",
        "A person wrote our answer",
        "answer is being written",
        "We are writing our answer now",
        "Our answer is ready",
    ),
}


def answer_of(right: str) -> Answer:
    return ANSWERS.get(right, _CHANGE)
