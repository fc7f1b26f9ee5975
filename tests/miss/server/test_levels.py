"""What an operator watches: heights that move with what they measure, and rules and pictures that name them."""

import json
import re
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import yaml

from miss.server.backup.service import STAGING, note_taken
from tests.miss.server.running import serving, settings_in

DEPLOY = Path(__file__).parents[3] / "deploy"
# Metrics that come with labels appear once there is something to count.
COUNTED_LATER = frozenset({"miss_chat_refusals_total", "miss_sign_in_refusals_total", "miss_mails_in_total"})
FROM_PROBE = frozenset({"miss_probe_works", "miss_probe_timestamp_seconds", "miss_probe_step_seconds"})
"""Written by `miss probe` for node_exporter (`tests/miss/server/probe/test_model.py` reads them)."""
_NAME = re.compile(r"\b(?:miss|teleexpertise)_[a-z_]+\b")


async def test_a_refused_sign_in_and_an_old_backup_are_seen(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    async with serving(settings) as server, httpx.AsyncClient(base_url=settings.public_origin) as http:
        before = (await http.get("/metrics")).text
        assert "miss_backup_age_seconds +Inf" in before, "no backup is no young one"
        (settings.data_dir / STAGING).mkdir()
        note_taken(settings, server.house.clock.now() - timedelta(hours=2))
        origin = {"Origin": settings.public_origin}
        await http.post("/connexion", data={"rpps": "99900000011", "password": "wrong"}, headers=origin)
        after = (await http.get("/metrics")).text
    age = re.search(r"^miss_backup_age_seconds (\S+)$", after, re.MULTILINE)
    assert age
    assert 7200 <= float(age[1]) < 7300
    assert "miss_sign_in_refusals_total{" in after
    assert 'teleexpertise_requests{standing="late"} 0.0' in after


@pytest.mark.parametrize("name", ["prometheus/alerts.yml", "grafana/miss.json"])
async def test_what_rules_and_pictures_name_is_there(tmp_path: Path, name: str) -> None:
    settings = settings_in(tmp_path)
    async with serving(settings), httpx.AsyncClient(base_url=settings.public_origin) as http:
        shown = (await http.get("/metrics")).text
    text = (DEPLOY / name).read_text()
    expressions = _expressions(name, text)
    assert expressions
    for metric in {metric for expression in expressions for metric in _NAME.findall(expression)} - FROM_PROBE:
        family = re.sub(r"_(bucket|sum|count)$", "", metric)
        if metric in COUNTED_LATER:
            family = f"# TYPE {metric.removesuffix('_total')}"
        assert family in shown, metric


def _expressions(name: str, text: str) -> list[str]:
    if name.endswith(".json"):
        return [target["expr"] for panel in json.loads(text)["panels"] for target in panel["targets"]]
    rules = [rule for group in yaml.safe_load(text)["groups"] for rule in group["rules"]]
    assert all({"summary", "action"} <= rule["annotations"].keys() for rule in rules)
    return [rule["expr"] for rule in rules]
