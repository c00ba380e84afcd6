"""Shares the rows of a job out, renders each shard by a mapped task, and adds the run up."""

from airflow.decorators import dag
from airflow.providers.standard.operators.bash import BashOperator
from pendulum import datetime

JOB = "/etc/portstatus/nightly.toml"
SHARDS = 64
# A run has a place of its own; a task that is tried again finds it.
PLACE = "/shared/portstatus/{{ ds }}"


@dag(schedule="0 6 * * 1-5", start_date=datetime(2026, 1, 1, tz="America/Los_Angeles"), catchup=False, default_args={"retries": 2})
def portstatus_nightly():
    share = BashOperator(
        task_id="share",
        bash_command=f"portstatus scale run {JOB} --run {PLACE} --shards {SHARDS} --as-of '{{{{ data_interval_end }}}}' --only-share",
    )
    # With recipients who may see everything there is one task more: range(SHARDS + 1).
    render = BashOperator.partial(task_id="render", pool="render").expand(
        bash_command=[f"portstatus render --run {PLACE} --shards {SHARDS} --shard {shard} --undelivered-ok" for shard in range(SHARDS)]
    )
    reconcile = BashOperator(task_id="reconcile", trigger_rule="all_done", bash_command=f"portstatus scale reconcile --run {PLACE}")
    share >> render >> reconcile


portstatus_nightly()
