//! Settings: what variables of the environment and configuration files give the options that the command line leaves out.

pub mod environment;
mod file;
pub mod layers;
mod option;
mod setting;
pub mod show;
