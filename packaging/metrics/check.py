#!/usr/bin/env python3
"""Holds the dashboard and the alerts against the figures of a running server: every name they use must be shown there.

usage: check.py METRICS-FILE, as saved from /metrics
"""
import json
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).parent
shown = set(re.findall(r"^# TYPE (\S+)", pathlib.Path(sys.argv[1]).read_text(), re.M))
dashboard = json.loads((HERE / "grafana.json").read_text())
expressions = [(panel["title"], target["expr"]) for panel in dashboard["panels"] for target in panel["targets"]]
rules = re.findall(r"- alert: (\S+)\n\s+expr: (.+)", (HERE / "alerts.yml").read_text())
assert expressions and rules, "nothing was found to check"

wrong = []
for place, expression in expressions + rules:
    for name in re.findall(r"\bwebchat_[a-z_]+", expression):
        if name not in shown:
            wrong.append(f"{place}: {name} is not among the figures")
ids = [panel["id"] for panel in dashboard["panels"]]
if len(ids) != len(set(ids)):
    wrong.append("two panels have the same id")
for name in sorted(shown):
    if not re.fullmatch(r"webchat_[a-z_]+", name):
        wrong.append(f"{name} does not begin with webchat_")
print("\n".join(wrong) or f"{len(expressions)} queries and {len(rules)} alerts use figures that there are")
sys.exit(bool(wrong))
