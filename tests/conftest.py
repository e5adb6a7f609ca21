"""Shared by all tests: a CI run in which a skipped test is a failure."""

import os

import pytest


def pytest_sessionfinish(session, exitstatus):
    """With PORISM_FORBID_SKIPS set, only tests for a GPU may skip."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or not os.environ.get("PORISM_FORBID_SKIPS"):
        return
    skipped = [r for r in reporter.stats.get("skipped", []) if "gpu" not in r.keywords]
    if skipped and exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        for report in skipped:
            reporter.write_line(f"skipped, which this run forbids: {report.nodeid}", red=True)
