# ruff: noqa: INP001 - a program by itself, in nobody's package
"""Write the rights in docs/administration.md from vad/domain/staff.py: `.venv/bin/python docs/generate_rights.py`."""

from pathlib import Path

from vad.domain.staff import CHANGES, NEEDS_REASON, NEEDS_SECOND_PERSON, RIGHTS, StaffAction, StaffRole

TARGET = Path(__file__).parent / "administration.md"
BEGIN, END = "<!-- rights: written by docs/generate_rights.py -->\n", "<!-- end of the rights -->\n"

MEANING = {
    StaffAction.OVERVIEW_VIEW: "see the figures of the overview",
    StaffAction.MANDATES_SEARCH: "search mandates and persons",
    StaffAction.MANDATES_VIEW: "see one mandate and its timeline",
    StaffAction.MANDATES_STOP_BY_CODE: "stop a mandate for a caller who has its stop code",
    StaffAction.LEGAL_MANDATES_VIEW: "see legal mandates",
    StaffAction.LEGAL_MANDATES_CHANGE: "make, renew or end a legal mandate",
    StaffAction.PERSONS_UNMASK: "see who somebody is",
    StaffAction.PERSONS_UNMASK_IN_BULK: "get an export that says who people are",
    StaffAction.PERSONS_EXPORT: "get all data of one person, for that person",
    StaffAction.BLOCKS_VIEW: "see blocks",
    StaffAction.BLOCKS_CHANGE: "place or lift a block",
    StaffAction.CASES_VIEW: "see what citizens reported",
    StaffAction.CASES_HANDLE: "handle what citizens reported",
    StaffAction.LOG_SEARCH: "search the log",
    StaffAction.LOG_EXPORT: "take a signed export of the log",
    StaffAction.LOG_VERIFY: "check that the log is whole",
    StaffAction.LOG_ERASE: "erase what an event keeps apart, or let a month leave the database",
    StaffAction.SIGNALS_VIEW: "see signals",
    StaffAction.SIGNALS_HANDLE: "handle signals",
    StaffAction.CLIENTS_VIEW: "see apps and data sources",
    StaffAction.CLIENTS_CHANGE: "register or change an app",
    StaffAction.CLIENTS_CHANGE_KEYS: "change the keys of an app or a data source",
    StaffAction.CLIENTS_DISABLE: "disable an app, or end all that it was given",
    StaffAction.KEYS_VIEW: "see VAD's keys",
    StaffAction.KEYS_CHANGE: "rotate or retire VAD's keys",
    StaffAction.REQUESTS_VIEW: "see requests of one's own, and those that one may decide",
    StaffAction.REQUESTS_REVIEW: "see every request that takes a second person, and what became of it",
    StaffAction.ACCESS_REVIEW: "see who of the staff could do and did what",
    StaffAction.ACCOUNTS_VIEW: "see the accounts of staff",
    StaffAction.ACCOUNTS_END: "end an account of staff",
    StaffAction.BREAK_GLASS_USE: "take a view outside one's role, in an emergency",
    StaffAction.BREAK_GLASS_VIEW: "see who took break-glass access",
    StaffAction.BREAK_GLASS_REVIEW: "review break-glass access of somebody else",
}


def table() -> str:
    """Role by action, with what each action takes."""
    lines = [
        "| action | to | " + " | ".join(role.value.replace("_", " ") for role in StaffRole) + " | changes | takes |",
        "|---" * (4 + len(StaffRole)) + "|",
    ]
    for action in StaffAction:
        held = ["yes" if action in RIGHTS[role] else "-" for role in StaffRole]
        takes = [
            word
            for word, group in (("reason and case number", NEEDS_REASON), ("a second person", NEEDS_SECOND_PERSON))
            if action in group
        ]
        cells = [f"`{action}`", MEANING[action], *held, "yes" if action in CHANGES else "-", ", ".join(takes) or "-"]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def document() -> str:
    """The whole of docs/administration.md, with the table as it should be."""
    before, _, rest = TARGET.read_text("utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


if __name__ == "__main__":
    TARGET.write_text(document(), encoding="utf-8")
