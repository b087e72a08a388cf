"""The parts of the code that `make mutants` changes, one after the other, and the tests that must notice.

mutmut finds out itself which of these tests call a function, and runs only those. A part is a folder or a file by its
dotted name; together they are all of `SOURCES`, and a test holds that no file is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
SOURCES: Final = ("parsers", "snapshots", "ingest", "digest", "export", "feeds", "mirror", "outputs", "site", "cron")
"""The rooms of `dailypapers` that are mutated; the command line and the interfaces of Python and MCP are not."""
NOT_MUTATED: Final = frozenset(
    {
        "snapshots/errors.py",  # constants and exceptions only: mutmut changes functions, after modules were imported
        "cron/commands.py",  # these and the following: the command line
        "cron/jobs_file.py",
        "cron/run.py",
        "digest/commands.py",
        "digest/config.py",
        "digest/send.py",
        "digest/subscribe.py",
        "export/commands.py",
        "feeds/commands.py",
        "mirror/commands.py",
        "site/commands.py",
    }
)
"""Files of the rooms that are not mutated, relative to the package."""


@dataclass(frozen=True, slots=True)
class Part:
    """Files of the sources that are mutated together."""

    names: tuple[str, ...]
    """Folders or files, dotted; `ingest.*` are the files directly in a folder."""
    tests: tuple[str, ...]
    """Below `tests/`: files and folders."""
    least: float = 0.85
    """Share of its mutants that the tests must kill."""

    @property
    def files(self) -> list[Path]:
        """Its files, relative to the project."""
        return sorted(path for name in self.names for path in _files_of(name))


def _files_of(name: str) -> Iterator[Path]:
    folder = name.removesuffix(".*")
    path = ROOT.joinpath(*folder.split("."))
    if name != folder:
        files = list(path.glob("*.py"))
    elif path.is_dir():
        files = list(path.rglob("*.py"))
    else:
        files = [path.with_suffix(".py")]
    for file in files:
        if file.relative_to(ROOT / "dailypapers").as_posix() not in NOT_MUTATED:
            yield file.relative_to(ROOT)


_ARXIV: Final = (
    "parsers/test_arxiv_author_names.py",
    "parsers/test_arxiv_identifiers.py",
    "parsers/test_arxiv_odd_html.py",
    "parsers/test_arxiv_odd_xml.py",
    "parsers/test_arxiv_refusals.py",
    "parsers/test_arxiv_withdrawals.py",
    "parsers/test_fixtures.py",
    "parsers/test_limits.py",
    "parsers/test_refusals.py",
    "papersite/test_arxiv_forms.py",
)
_PARSERS: Final = (
    "parsers/test_model.py",
    "parsers/test_tolerant_json.py",
    "parsers/test_hf_claims.py",
    "parsers/test_hf_cards.py",
    "parsers/test_hf_card_scan.py",
    "parsers/test_refusals.py",
    "parsers/test_limits.py",
    "parsers/test_work.py",
    "parsers/test_hf_pages.py",
    "parsers/test_hf_text.py",
    "parsers/test_hf_text_forms.py",
    "parsers/test_fixtures.py",
    "parsers/test_parse_properties.py",
    "parsers/test_hf_text_cuts.py",
    "parsers/test_links.py",
    "papersite/test_arxiv_forms.py",
)
_CRON: Final = (
    "cron/test_jobs.py",
    "cron/test_clock_changes.py",
    "cron/test_mistakes.py",
    "cron/test_schedule.py",
    "cron/test_zones.py",
    "cron/test_due.py",
)
_STORE: Final = (
    "snapshots/test_atomic.py",
    "snapshots/test_layout.py",
    "snapshots/test_locks.py",
    "snapshots/test_marks.py",
    "snapshots/test_refused_writes.py",
    "snapshots/test_store_files.py",
)
_SETS: Final = ("sources/test_arxiv_sets.py",)
_DAYS: Final = ("plan", "snapshots/test_verdict.py", "snapshots/test_state.py", "snapshots/test_young_day.py")

PARTS: Final = {
    "dailypapers.parsers": Part(("dailypapers.parsers.*", "dailypapers.parsers.hf"), _PARSERS, least=0.9),
    "dailypapers.parsers.arxiv": Part(("dailypapers.parsers.arxiv",), _ARXIV, least=0.9),
    "dailypapers.snapshots.completeness": Part(("dailypapers.snapshots.completeness",), _DAYS),
    "dailypapers.snapshots.store": Part(("dailypapers.snapshots.store",), (*_STORE, "snapshots/test_rows.py")),
    "dailypapers.snapshots.files": Part(
        (
            "dailypapers.snapshots.certificate",
            "dailypapers.snapshots.merge",
            "dailypapers.snapshots.history",
            "dailypapers.snapshots.reader",
            "dailypapers.snapshots.rejects",
            "dailypapers.snapshots.writer",
            "dailypapers.snapshots.__init__",
        ),
        (
            "snapshots/test_certificate.py",
            "snapshots/test_day_file_changes.py",
            "snapshots/test_metrics_and_rejects.py",
            "snapshots/test_packed_papers.py",
            "snapshots/test_writer.py",
            "snapshots/test_verified_day.py",
            "snapshots/test_rows.py",
            "snapshots/test_history.py",
        ),
    ),
    "dailypapers.snapshots.compare": Part(
        (
            "dailypapers.snapshots.day_diff",
            "dailypapers.snapshots.views",
        ),
        (
            "snapshots/test_day_diff.py",
            "snapshots/test_view_agreement.py",
            "cli/test_arxiv_versions.py",
        ),
    ),
    "dailypapers.snapshots.catalog": Part(("dailypapers.snapshots.catalog",), ("catalog",)),
    "dailypapers.snapshots.drift": Part(
        ("dailypapers.snapshots.drift",),
        (
            "snapshots/test_drift.py",
            "snapshots/test_drift_changes.py",
            "snapshots/test_drift_numbers.py",
            "snapshots/test_drift_observations.py",
            "snapshots/test_drift_wording.py",
            "snapshots/test_profile.py",
            "snapshots/test_share_changes.py",
            "snapshots/test_valid_facts.py",
        ),
    ),
    "dailypapers.ingest.plan": Part(("dailypapers.ingest.plan",), ("plan", "monitor/test_problems.py")),
    "dailypapers.ingest.build": Part(
        ("dailypapers.ingest.build",),
        (
            "build/test_as_of.py",
            "build/test_background.py",
            "build/test_build.py",
            "build/test_catalog_as_of.py",
            "build/test_certificate_facts.py",
            "build/test_checkpoint.py",
            "build/test_cluster.py",
            "build/test_day_difference.py",
            "build/test_diff.py",
            "build/test_disposable.py",
            "build/test_process_pool.py",
            "build/test_redesign.py",
            "build/test_up_to_date.py",
            "build/test_write.py",
            "snapshots/test_profile.py",
        ),
    ),
    "dailypapers.ingest.archive": Part(("dailypapers.ingest.archive",), ("archive", "torture/test_damage.py")),
    "dailypapers.ingest.listing": Part(
        ("dailypapers.ingest.listing",), ("listing", "build/test_build.py", "pipeline/test_regressions.py", *_SETS)
    ),
    "dailypapers.ingest.sources": Part(
        ("dailypapers.ingest.sources",),
        (
            "sources/test_addresses.py",
            "sources/test_arxiv.py",
            "sources/test_rules.py",
            "sources/test_sources.py",
            "sources/test_table.py",
            *_SETS,
            "plan",
        ),
    ),
    "dailypapers.ingest.fetch": Part(
        ("dailypapers.ingest.fetch",),
        (
            "fetch",
            "sources/test_arxiv_papers.py",
            "sources/test_arxiv_walk.py",
        ),
    ),
    "dailypapers.ingest.importer": Part(("dailypapers.ingest.importer",), ("importer",)),
    "dailypapers.ingest.fixtures": Part(("dailypapers.ingest.fixtures",), ("capture",)),
    "dailypapers.ingest.monitor": Part(("dailypapers.ingest.monitor",), ("monitor",)),
    "dailypapers.ingest.runs": Part(("dailypapers.ingest.runs",), ("runs",)),
    "dailypapers.ingest.rest": Part(
        ("dailypapers.ingest.*",),
        (
            "cli/test_crash.py",
            "cli/test_log.py",
            "cli/test_untrusted_text.py",
            "pipeline/test_clock.py",
            "pipeline/test_run_days.py",
            "pipeline/test_syncs.py",
            "sources/test_arxiv_walk.py",
        ),
    ),
    "dailypapers.cron": Part(
        ("dailypapers.cron",),
        (
            *_CRON,
            "cron/test_export_command.py",
            "cron/test_export_crontab.py",
            "cron/test_export_kubernetes.py",
            "cron/test_export_systemd.py",
            "cron/test_job.py",
            "cron/test_loop.py",
            "cron/test_output.py",
            "cron/test_running.py",
            "cron/test_scheduler.py",
        ),
    ),
    "dailypapers.outputs": Part(
        ("dailypapers.outputs.*",),
        (
            "outputs/test_lateness.py",
            "outputs/test_links.py",
            "outputs/test_folder.py",
            "outputs/test_verify.py",
            "feeds/test_folder.py",
        ),
    ),
    "dailypapers.digest": Part(
        ("dailypapers.digest",),
        (
            # Not test_kills.py and test_month.py, which take minutes here, nor test_html.py, which is of the template.
            "digest/test_commands.py",
            "digest/test_issue.py",
            "digest/test_message.py",
            "digest/test_outbox.py",
            "digest/test_pages.py",
            "digest/test_relay.py",
            "digest/test_schedule.py",
            "digest/test_selection.py",
            "digest/test_send.py",
            "digest/test_signup.py",
            "digest/test_smtp.py",
            "digest/test_whole_mail.py",
        ),
    ),
    "dailypapers.feeds": Part(("dailypapers.feeds",), ("feeds",)),
    "dailypapers.site": Part(
        ("dailypapers.site",),
        (
            "site/test_site.py",
            "site/test_site_calendar.py",
            "site/test_site_changes.py",
            "site/test_site_curve.py",
            "site/test_site_hostile.py",
            "site/test_site_joined.py",
            "site/test_site_listing.py",
            "site/test_site_text.py",
            "site/test_site_views.py",
        ),
    ),
    "dailypapers.export": Part(
        ("dailypapers.export",),
        (
            "export/test_columns.py",
            "export/test_export_changes.py",
            "export/test_table_files.py",
            "export/test_table_verify.py",
            "outputs/test_verify.py",
        ),
    ),
    "dailypapers.mirror": Part(
        ("dailypapers.mirror",),
        (
            # Not test_open_url.py: it needs one S3 server for the life of a process, and reads with other code.
            "mirror/test_check.py",
            "mirror/test_decisions.py",
            "mirror/test_foreign_certificates.py",
            "mirror/test_mirror.py",
            "mirror/test_names.py",
            "mirror/test_pull.py",
            "mirror/test_push.py",
            "mirror/test_push_plan.py",
        ),
    ),
}
