//! The tests of the models, as one program: each program takes seconds to link. Those that count the memory of their process, and
//! those that are run by name, are programs of their own beside this folder.

#[path = "../common/mod.rs"]
mod common;
#[path = "../common/forged.rs"]
mod forged;

mod attrec;
mod baselines;
mod biased_mf;
mod cml;
mod conformance;
mod ensemble;
mod equivariance;
mod evaluation;
mod feedback;
mod files;
mod glocal_k;
mod golden;
mod ials;
mod lrml;
mod negative_sampling;
mod online;
mod properties;
mod quality;
mod rating_rankings;
mod recommend;
mod sasrec;
mod small_files;
mod unknown;
mod validation_users;
mod without_users;
