//! The one integration binary; its modules mirror src.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a test that cannot go on fails by panicking")]
