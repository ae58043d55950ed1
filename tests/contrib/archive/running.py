"""Runs the commands of the app, and reads what they have written."""

import io
import json

from django.core.management import CommandError, call_command


def run(name, *arguments, **options):
    """Run a command; return what it printed, and what it printed as errors."""
    out, err = io.StringIO(), io.StringIO()
    arguments = list(map(str, arguments))
    try:
        call_command(name, *arguments, stdout=out, stderr=err, **options)
    except CommandError as error:
        return out.getvalue(), f"{err.getvalue()}{error}"
    return out.getvalue(), err.getvalue()


def read_lines(folder):
    lines = (folder / "posts.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def read_files(folder):
    """Return the files of an export by their names."""
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def without_ids(files):
    """Return an export without the ids of posts."""
    posts = [json.loads(line) for line in files["posts.jsonl"].splitlines()]
    return {**files, "posts.jsonl": [{**post, "message_id": ""} for post in posts]}
