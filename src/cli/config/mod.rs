//! Settings: what variables of the environment and configuration files give the options that the command line leaves out.

pub mod environment;
pub mod file;
pub mod layers;
pub mod option;
pub mod setting;
pub mod show;
