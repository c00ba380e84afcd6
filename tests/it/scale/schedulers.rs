//! The examples for schedulers: each starts the same command, and what can be tried here is.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::program::{PROGRAM, said, starting};
use crate::scale::{AS_OF, place, run};
use crate::tools::{found, run as run_tool};

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/schedule").join(name)
}

/// Runs a script of a scheduler where `portstatus` is on the path, with these variables, and says which shards have their lines then.
fn start(place: &Path, command: &[&str], variables: &[(&str, &str)]) -> Vec<String> {
    let path = format!("{}:{}", Path::new(PROGRAM).parent().unwrap().display(), std::env::var("PATH").unwrap());
    let (program, arguments) = command.split_first().unwrap();
    let mut command = starting(program);
    let done = command.args(arguments).envs(variables.iter().copied()).env("PATH", path).current_dir(place).output().unwrap();
    assert_eq!(done.status.code(), Some(0), "{arguments:?}: {}", said(&done));
    crate::tools::names(&place.join("scaled/lines"))
}

#[test]
fn arrays_of_slurm_and_batch_render_the_shard_of_their_index() {
    let place = place("scale-arrays", 120);
    let shared = run(&place, &["scale", "run", "job.toml", "--run", "scaled", "--shards", "64", "--as-of", AS_OF, "--only-share"]);
    assert_eq!(shared.status.code(), Some(0), "{}", said(&shared));
    let slurm = example("scale-slurm");
    let variables = [("SLURM_ARRAY_TASK_ID", "5"), ("PORTSTATUS_PLACE", "scaled")];
    assert_eq!(start(&place, &["bash", slurm.to_str().unwrap()], &variables), ["shard-5.jsonl"]);
    let job: Value = serde_json::from_slice(&fs::read(example("scale-batch.json")).unwrap()).unwrap();
    assert_eq!(job["arrayProperties"]["size"], 64);
    let command: Vec<String> = serde_json::from_value(job["containerOverrides"]["command"].clone()).unwrap();
    let command: Vec<String> = command.iter().map(|word| word.replace("/runs/2026-11-21", "scaled")).collect();
    let words: Vec<&str> = command.iter().map(String::as_str).collect();
    assert_eq!(start(&place, &words, &[("AWS_BATCH_JOB_ARRAY_INDEX", "63")]), ["shard-5.jsonl", "shard-63.jsonl"]);
}

#[test]
fn an_indexed_job_is_one_by_the_schema_of_kubernetes() {
    let file = example("scale-kubernetes.yaml");
    let text = fs::read_to_string(&file).unwrap();
    assert!(
        text.contains("args: [render, --run, /runs/2026-11-21, --shards, \"64\", --shard, $(JOB_COMPLETION_INDEX), --undelivered-ok]"),
        "{text}"
    );
    if found("kubernetes-validate") {
        run_tool("kubernetes-validate", &["--strict", file.to_str().unwrap()]);
    }
}

#[test]
fn a_graph_of_airflow_is_python_and_names_every_shard() {
    if !found("python3") {
        return;
    }
    // Airflow is not here: its words are stood in for, and the graph that is made is looked at.
    let script = r#"
import json, re, sys, types
made = {}
class Operator:
    def __init__(self, task_id, bash_command=None, trigger_rule=None): made[task_id] = bash_command
    @classmethod
    def partial(cls, task_id, pool):
        operator = cls(task_id); operator.task_id = task_id; return operator
    def expand(self, bash_command): made[self.task_id] = bash_command; return self
    def __rshift__(self, other): return other
for name, members in {"airflow.decorators": {"dag": lambda **options: lambda make: make}, "airflow.providers.standard.operators.bash": {"BashOperator": Operator}, "pendulum": {"datetime": lambda *day, tz: day}}.items():
    module = types.ModuleType(name); module.__dict__.update(members); sys.modules[name] = module
exec(compile(open(sys.argv[1]).read(), sys.argv[1], "exec"))
print(json.dumps(made))
"#;
    let made: Value = serde_json::from_str(&run_tool("python3", &["-c", script, example("scale-airflow.py").to_str().unwrap()])).unwrap();
    let renders: Vec<String> = serde_json::from_value(made["render"].clone()).unwrap();
    assert_eq!(renders.len(), 64);
    assert_eq!(renders[63], "portstatus render --run /shared/portstatus/{{ ds }} --shards 64 --shard 63 --undelivered-ok");
    for (task, words) in [("share", "--only-share"), ("reconcile", "portstatus scale reconcile --run /shared/portstatus/{{ ds }}")] {
        assert!(made[task].as_str().unwrap().contains(words), "{made}");
    }
}
