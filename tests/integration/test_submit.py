"""The command as its users run it: a process of its own with its own local cloud, and processes as tasks."""

import sys

import pytest

from tests.integration.submitting import Submit, events


def test_hello(submit: Submit) -> None:
    """The first thing that anybody runs: its output alone on standard output, the talk on the other."""
    status, out, err = submit("--", "echo", "hello")
    assert (status, out) == (0, "hello\n")
    assert "awsecs: succeeded" in err


def test_exit_codes_are_handed_on(submit: Submit) -> None:
    """Whatever a task may exit with comes back as it was, told by an array in one run."""
    codes = [0, 1, 2, 77, 124, 125, 126, 127, 130, 137, 255]
    script = f"set -- {' '.join(map(str, codes))}; shift $AWSECS_ARRAY_INDEX; exit $1"
    _, out, _ = submit("--array", str(len(codes)), "--json", "--", "sh", "-c", script)
    results = [event for event in events(out) if event["event"] == "result"]
    assert [result["exit_code"] for result in results] == codes
    assert [result["status"] for result in results] == codes
    assert {result["status_from"] for result in results} == {"task"}


@pytest.mark.parametrize("code", [3, 124])
def test_the_exit_status_is_the_tasks(submit: Submit, code: int) -> None:
    """Scripts go by it, even where the task picks a status that has a meaning of ours."""
    status, out, err = submit("--", "sh", "-c", f"echo out; exit {code}")
    assert (status, out) == (code, "out\n")
    assert f"exited with {code}" in err


def test_timed_out(submit: Submit) -> None:
    """A task that takes too long is stopped, and that is not mistaken for its own ending."""
    status, out, err = submit("--timeout", "0.5", "--", "sleep", "30")
    assert (status, out) == (124, "")
    assert "give it more with 'timeout'" in err


def test_never_started(submit: Submit) -> None:
    """A command that is not there never started, and is not a failure of it."""
    status, out, err = submit("--json", "--", "no-such-command")
    assert status == 126, err
    result, last = events(out)[-2:]
    assert (result["state"], result["exit_code"], last["status_from"]) == ("FAILED", None, "dispatcher")
    assert "no-such-command" in err


def test_the_record_has_every_attempt_and_what_it_used(submit: Submit) -> None:
    """What was launched where, for whoever pays."""
    _, out, _ = submit("--json", "--cpus", "0.5", "--", "true")
    result = next(event for event in events(out) if event["event"] == "result")
    attempts, usage = result["attempts"], result["usage"]
    assert isinstance(attempts, list)
    assert isinstance(usage, dict)
    assert [attempt["arn"] for attempt in attempts] == [result["arn"]]
    assert (attempts[0]["number"], attempts[0]["is_spot"], attempts[0]["cause"]) == (1, False, "exit")
    assert usage["vcpu_seconds"] >= 0


def test_missing_settings_are_the_dispatchers_failure(submit: Submit) -> None:
    """Without a cluster the message says how to set one, and names the way to do without."""
    status, out, err = submit("--", "true", more=())
    assert (status, out) == (125, "")
    assert "AWSECS_CLUSTER" in err
    assert "--local" in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--disk", "much"], "--disk"),
        (["--accelerator", "1.2.3"], "--accelerator"),
        (["--machine-type", "no such"], "--machine-type"),
        (["--workdir", "s3://b/x"], "--work-dir"),
        (["--secret", "PASSWORD=hush"], "--secret"),
        (["--target", "t"], "--target"),
        (["--set", "a=b"], "--set"),
        (["--cluster", "c"], "--cluster"),
        (["--key", "k"], "--key"),
        (["--array", "2", "--copies", "2"], "--copies"),
        (["--memory", "much"], "--memory"),
        (["--env", "NOT_SET_HERE"], "NOT_SET_HERE"),
        (["--tag", "novalue"], "novalue"),
        (["--no-such-option"], "--no-such-option"),
    ],
)
def test_a_wrong_command_line_does_nothing(submit: Submit, arguments: list[str], told: str) -> None:
    """What cannot be done is refused, never taken and ignored."""
    status, out, err = submit(*arguments, "--", "true")
    assert (status, out) == (2, "")
    assert told in err


def test_an_array_tells_its_lines_apart(submit: Submit) -> None:
    """Every task has its index, and the exit status is that of the first one that failed."""
    script = "echo $AWSECS_ARRAY_INDEX of $AWSECS_ARRAY_SIZE; exit $((AWSECS_ARRAY_INDEX * 2))"
    status, out, err = submit("--array", "3", "--", "sh", "-c", script)
    assert status == 2
    assert sorted(out.splitlines()) == ["[0] 0 of 3", "[1] 1 of 3", "[2] 2 of 3"]
    assert "2 of 3 tasks did not succeed; the first is number 1" in err


def test_copies(submit: Submit) -> None:
    """Equal tasks have no index and no prefix."""
    status, out, _ = submit("--copies", "3", "--", "sh", "-c", "echo ${AWSECS_ARRAY_INDEX-none}")
    assert (status, out) == (0, "none\n" * 3)


def test_the_environment_is_what_was_given(submit: Submit, environment: dict[str, str]) -> None:
    """The task sees the variables that it was given, and not its submitter's."""
    submit._environment["HANDED_ON"] = "on"  # noqa: SLF001
    script = "echo $GIVEN $HANDED_ON ${KEPT-unset}"
    submit._environment["KEPT"] = "back"  # noqa: SLF001
    _, out, _ = submit("--env", "GIVEN=a=b", "--env", "HANDED_ON", "--", "sh", "-c", script)
    assert out == "a=b on unset\n"


def test_the_output_is_what_the_task_wrote(submit: Submit) -> None:
    """No markup, no wrapping, no colours: the same characters, long lines too."""
    text = "[red]not markup[/red] \x1b[31m :smile: %s {x} ünïcode 漢字"
    script = "import sys; print(sys.argv[1]); print('x' * 100_000)"
    _, out, _ = submit("--", sys.executable, "-X", "utf8", "-c", script, text)
    assert out == f"{text}\n{'x' * 100_000}\n"


def test_quiet_says_nothing_of_success_or_a_tasks_own_failure(submit: Submit) -> None:
    """What the exit status tells is not told again; what it does not, is."""
    assert submit("--quiet", "--", "sh", "-c", "exit 3") == (3, "", "")
    status, _, err = submit("--quiet", "--timeout", "0.3", "--", "sleep", "30")
    assert status == 124
    assert "timed out" in err


def test_without_following_there_is_no_output(submit: Submit) -> None:
    """The exit status is all that is wanted."""
    assert submit("--no-follow", "--quiet", "--", "sh", "-c", "echo out; exit 3") == (3, "", "")


def test_json_is_all_events(submit: Submit) -> None:
    """A program that reads them needs nothing else: every line is a document, in order, the status last."""
    status, out, err = submit("--json", "--", "sh", "-c", "echo one; echo two")
    found = events(out)
    assert (status, err) == (0, "")
    assert [event["message"] for event in found if event["event"] == "log"] == ["one", "two"]
    assert (found[0]["event"], found[0]["remarks"]) == ("submitted", [])
    assert [event["event"] for event in found[-2:]] == ["result", "exit"]
    assert found[-1] == {"event": "exit", "status": 0, "status_from": "task", "message": found[-2]["message"]}
