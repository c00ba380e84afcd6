//! The way to an output folder: made private, one's own links followed, those of others never.

use std::fs;
use std::os::unix::fs::{PermissionsExt, lchown, symlink};

use portstatus::deliver::Folder;

use crate::tools::{folder, names, skip};

#[test]
fn ones_own_links_lead_to_the_folder_and_what_is_missing_is_made() {
    let (base, far) = (folder("way"), folder("way-far"));
    symlink(&far, base.join("whole")).unwrap();
    // The parent of what a link leads to is not that of the link.
    let far_name = far.file_name().unwrap().to_str().unwrap();
    symlink(format!("whole/../{far_name}/."), base.join("part")).unwrap();
    for path in ["a/c", "a/c/../b", "whole/x", "part/y/z", "./d/", "part/../way-e"] {
        let open = Folder::open(&base.join(path)).unwrap();
        let there = base.join(path);
        assert_eq!(fs::metadata(&there).unwrap().permissions().mode() & 0o777, 0o700, "{path}");
        fs::write(there.join("kept"), "").unwrap();
        drop(open);
        assert!(there.join("kept").is_file(), "{path}");
    }
    assert_eq!(names(&far), ["x", "y"], "the folder way-e is made beside the link's target");
    assert!(far.parent().unwrap().join("way-e").is_dir());
    fs::remove_dir_all(far.parent().unwrap().join("way-e")).unwrap();
    drop(Folder::open(&base.join("a/new/deep")).unwrap());
    assert!(!base.join("a/new").exists() && base.join("a/b/kept").exists(), "only what was made for nothing goes");
}

#[test]
fn a_way_that_ends_is_told() {
    let base = folder("way-ends");
    fs::write(base.join("file"), "").unwrap();
    symlink("loop", base.join("loop")).unwrap();
    symlink("nowhere/at/all", base.join("dangling")).unwrap();
    for (path, what) in [("file", "not a directory"), ("file/sub", "not a directory"), ("new/loop/../../loop/sub", "symbolic link")] {
        let error = Folder::open(&base.join(path)).unwrap_err();
        assert!(error.code() == 73 && error.to_string().contains(what), "{path}: {error}");
    }
    assert_eq!(names(&base), ["dangling", "file", "loop"]);
}

#[test]
fn another_users_link_anywhere_on_the_way_is_not_followed() {
    let (base, far) = (folder("way-foreign"), folder("way-foreign-far"));
    fs::create_dir(base.join("shared")).unwrap();
    fs::set_permissions(base.join("shared"), fs::Permissions::from_mode(0o1777)).unwrap();
    symlink(&far, base.join("shared/evil")).unwrap();
    symlink("shared/evil", base.join("mine")).unwrap();
    if lchown(base.join("shared/evil"), Some(65_534), Some(65_534)).is_err() {
        skip("only root can give a link away");
        return;
    }
    for path in ["shared/evil", "shared/evil/", "shared/evil/sub", "shared/evil/sub/deep", "shared/../shared/evil/sub", "mine", "mine/sub"]
    {
        let error = Folder::open(&base.join(path)).unwrap_err();
        assert!(error.code() == 73 && error.to_string().contains("another user's symbolic link"), "{path}: {error}");
    }
    assert_eq!(names(&far), [""; 0]);
}
