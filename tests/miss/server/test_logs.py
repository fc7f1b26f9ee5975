"""Logs carry identifiers, never content."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from miss.server.logs import REDACTED, configure_logs
from miss.server.settings import LogFormat


@pytest.fixture(autouse=True)
def _restore_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_content_and_secrets_are_emptied(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(LogFormat.JSON, "INFO")
    structlog.get_logger("test.logs").info("request.kept", request_id="r-1", patient="DUPONT", code="ABCD-EFGH")
    line = json.loads(capsys.readouterr().err)
    assert line["event"] == "request.kept"
    assert line["request_id"] == "r-1"
    assert line["patient"] == line["code"] == REDACTED


@pytest.mark.parametrize("log_format", list(LogFormat))
def test_a_failure_shows_where_not_what(log_format: LogFormat, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(log_format, "INFO")
    secret_question = "lésion du dos"
    try:
        raise ValueError(f"cannot read {secret_question}")
    except ValueError:
        structlog.get_logger("test.logs").exception("jobs.failed")
    shown = capsys.readouterr().err
    assert "ValueError" in shown
    assert "test_logs.py" in shown
    assert "cannot read" not in shown
    assert secret_question not in shown
    assert secret_question.encode("unicode_escape").decode() not in shown


def test_libraries_log_in_the_same_format(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(LogFormat.JSON, "INFO")
    logging.getLogger("uvicorn.error").warning("odd request")
    assert json.loads(capsys.readouterr().err)["event"] == "odd request"
