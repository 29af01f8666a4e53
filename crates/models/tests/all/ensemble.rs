//! `seeds`: models that answer together are those that each seed gives alone.

use crate::common::{UNWATCHED, fit, generated};
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicU32, Ordering};
use tastespace_data::Interactions;
use tastespace_models::contract::tensor::Axis;
use tastespace_models::contract::trainer::Control;
use tastespace_models::registry::Entry;
use tastespace_models::run::fit::any_amount;
use tastespace_models::serve::file::{self, WriteOptions};
use tastespace_models::serve::fitted::SimilarOptions;
use tastespace_models::serve::recommend::{RecommendOptions, Seen};
use tastespace_models::{Fit, Fitted};

/// A kind with options for small data: alone, and three of it.
struct Case {
    entry: &'static Entry,
    alone: String,
    together: String,
}

fn cases() -> Vec<Case> {
    let options = [
        ("biased-mf", r#""factors":6"#),
        ("glocal-k", r#""hidden":[30,20],"weightPenalty":1,"pretrainEpochs":2,"center":"biases""#),
    ];
    let case = |(kind, options)| Case {
        entry: Entry::find(kind).unwrap(),
        alone: format!("{{{options}}}"),
        together: format!(r#"{{{options},"seeds":3}}"#),
    };
    options.map(case).into()
}

fn data() -> Arc<Interactions> {
    Arc::new(generated(r#"{"users":60,"items":50,"ratings":900}"#))
}

const EPOCHS: u32 = 4;

impl Case {
    fn together(&self) -> Fitted {
        fit(self.entry, &self.together, &data(), 5, EPOCHS).unwrap().0
    }

    fn alone(&self) -> [Fitted; 3] {
        [5, 6, 7].map(|seed| fit(self.entry, &self.alone, &data(), seed, EPOCHS).unwrap().0)
    }
}

fn bytes(fitted: &Fitted) -> Vec<u8> {
    file::write(fitted, &WriteOptions::default())
}

/// Within rounding of the mean of three.
fn assert_mean(got: f32, alone: [f32; 3]) {
    let mean = alone.iter().sum::<f32>() / 3.0;
    assert!((got - mean).abs() < 1e-5, "{got} for {alone:?}");
}

#[test]
fn answers_are_means_over_the_seeds() {
    let data = data();
    let all = RecommendOptions { k: 1000, seen: Seen::Include, ..Default::default() };
    for case in cases() {
        let (together, alone) = (case.together(), case.alone());
        let items: Vec<&str> = data.items.iter().collect();
        let user = data.users.id(3);
        let users = vec![user; items.len()];
        let predictions = |fitted: &Fitted| {
            let mut scores = vec![0.0; items.len()];
            let indices: Vec<u32> = (0..items.len() as u32).collect();
            fitted.model().predict(&vec![3; items.len()], &indices, &mut scores);
            scores
        };
        let (scores, each) = (predictions(&together), [0, 1, 2].map(|member| predictions(&alone[member])));
        for item in 0..items.len() {
            assert_mean(scores[item], [0, 1, 2].map(|member| each[member][item]));
        }
        let range = together.catalogue().range;
        for (rating, score) in together.predict(&users, &items).unwrap().iter().zip(&scores) {
            assert_eq!(*rating, score.clamp(range.0, range.1));
        }
        let ranked = together.recommend(&[user], &all).unwrap();
        let best = |fitted: &Fitted| fitted.recommend(&[user], &all).unwrap();
        let best = [0, 1, 2].map(|member| best(&alone[member]));
        for (item, score) in ranked.items.iter().zip(&ranked.scores) {
            let of = |member: usize| {
                let place = best[member].items.iter().position(|other| other == item).unwrap();
                best[member].scores[place]
            };
            assert_mean(*score, [0, 1, 2].map(of));
        }

        let newcomer = [(1, 5.0), (7, 2.0), (11, 4.0)];
        let scores = |fitted: &Fitted| {
            let mut out = vec![0.0; items.len()];
            fitted.new_user_scores(&newcomer, &mut out).unwrap();
            out
        };
        let (scores, each) = (scores(&together), [0, 1, 2].map(|member| scores(&alone[member])));
        (0..items.len())
            .for_each(|item| assert_mean(scores[item], [0, 1, 2].map(|member| each[member][item])));

        let similar = |fitted: &Fitted| {
            let mut out = vec![0.0; items.len()];
            fitted.model().item_similarity(4, &fitted.catalogue().item_rows, &mut out).unwrap();
            out
        };
        let (near, each) = (similar(&together), [0, 1, 2].map(|member| similar(&alone[member])));
        (0..items.len()).for_each(|item| assert_mean(near[item], [0, 1, 2].map(|member| each[member][item])));
        assert_eq!(
            together
                .similar_users(&[user], &SimilarOptions { k: 5, ..SimilarOptions::default() })
                .unwrap()
                .items
                .len(),
            5
        );
        assert!(together.embeddings(Axis::Items).is_err());
    }
}

#[test]
fn explanations_add_up_to_the_mean() {
    let data = data();
    for case in cases() {
        let (together, alone) = (case.together(), case.alone());
        let (user, item) = (data.users.id(3), data.items.id(9));
        let explanation = together.explain(user, item).unwrap();
        let mut score = [0.0];
        together.model().predict(&[3], &[9], &mut score);
        let sum: f32 = explanation.parts.iter().map(|(_, value)| value).sum();
        assert!((sum - score[0]).abs() < 1e-4, "{explanation:?} for {score:?}");
        let names: Vec<&String> = explanation.parts.iter().map(|(name, _)| name).collect();
        assert!((1..names.len()).all(|place| !names[..place].contains(&names[place])), "{names:?}");
        let own = alone.each_ref().map(|fitted| fitted.explain(user, item).unwrap());
        for (item, value) in &explanation.items {
            let of = |member: usize| own[member].items.iter().find(|(other, _)| other == item).unwrap().1;
            assert_mean(*value, [0, 1, 2].map(of));
        }
        assert!(explanation.items.is_sorted_by(|a, b| a.1.abs() >= b.1.abs()));
        for (number, table) in explanation.weights.iter().enumerate() {
            for (place, value) in table.values.iter().enumerate() {
                assert_mean(*value, own.each_ref().map(|own| own.weights[number].values[place]));
            }
        }
        assert_eq!(explanation.weights.len(), own[0].weights.len());
    }
}

#[test]
fn a_file_holds_them_all_and_training_goes_on_from_it() {
    let data = data();
    for case in cases() {
        let whole = case.together();
        let read = file::read("m", &bytes(&whole)).unwrap();
        assert_eq!(bytes(&read), bytes(&whole));
        let (users, items) = (["1", "2", "60"], ["40", "1", "7"]);
        assert_eq!(read.predict(&users, &items).unwrap(), whole.predict(&users, &items).unwrap());

        let (part, _) = fit(case.entry, &case.together, &data, 5, 1).unwrap();
        let part = file::read("m", &bytes(&part)).unwrap();
        let mut more = Fit::resume(&part, &data, None, 5, &any_amount).unwrap();
        (1..EPOCHS).for_each(|_| drop(more.train_epoch(UNWATCHED).unwrap()));
        assert!(bytes(&more.finish().unwrap()) == bytes(&whole), "{}", case.entry.kind);
    }
}

#[test]
fn an_epoch_reports_progress_and_can_be_cancelled() {
    let case = &cases()[1];
    let options = case.entry.check(&case.together).unwrap();
    let mut training = Fit::new(case.entry, options, data(), None, 5, &any_amount).unwrap();
    let (cancel, progress) = (AtomicI32::new(0), AtomicU32::new(0));
    let control = Control { cancel: &cancel, progress: &progress };
    training.train_epoch(control).unwrap();
    assert_eq!(progress.load(Ordering::Relaxed), 1000);
    cancel.store(1, Ordering::Relaxed);
    assert_eq!(training.train_epoch(control).unwrap_err().code(), "cancelled");
    assert_eq!(training.finish().unwrap().training().epochs, 1);
}

#[test]
fn only_kinds_that_predict_ratings_have_it() {
    for (kind, options, code) in [
        ("cml", r#"{"seeds":2}"#, "config/unknown-key"),
        ("bias", r#"{"seeds":2}"#, "config/unknown-key"),
        ("biased-mf", r#"{"seeds":0}"#, "config/out-of-range"),
    ] {
        assert_eq!(Entry::find(kind).unwrap().check(options).unwrap_err().code(), code, "{kind}");
    }
}
