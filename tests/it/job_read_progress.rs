//! How far the reading of all inputs is, from the bytes read of each.

use std::sync::Mutex;

use portstatus::job::read_progress::ReadProgress;
use portstatus::job::{Progress, Stage};
use portstatus::source::Input;

use crate::tools::folder;

struct Heard(Mutex<Vec<f64>>);

impl Progress for Heard {
    fn stage(&self, _stage: Stage) {}

    fn share(&self, stage: Stage, done: f64) {
        assert_eq!(stage, Stage::Reading);
        self.0.lock().unwrap().push((done * 100.0).round());
    }
}

#[test]
fn bytes_of_several_inputs_become_one_share() {
    let place = folder("progress");
    let file = |name: &str, size: usize| {
        std::fs::write(place.join(name), vec![b'x'; size]).unwrap();
        Input::File(place.join(name))
    };
    let rows: [(Vec<Input>, &[u64], &[f64]); 3] = [
        (vec![file("a", 100), file("b", 60), file("c", 40)], &[50, 100, 30, 60, 40], &[25.0, 50.0, 65.0, 80.0, 100.0]),
        (vec![Input::Standard], &[50, 100], &[0.0, 0.0]),
        (vec![file("d", 10), Input::Standard], &[10, 5, 500], &[100.0, 100.0, 100.0]),
    ];
    for (inputs, read, expected) in rows {
        let heard = Heard(Mutex::new(Vec::new()));
        let progress = ReadProgress::of(&inputs, &heard);
        read.iter().for_each(|bytes| progress.read(*bytes).unwrap());
        assert_eq!(*heard.0.lock().unwrap(), expected);
    }
}
