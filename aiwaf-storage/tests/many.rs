//! Long lists, added and removed as one change. If each entry searched all others, this would take
//! a minute.
#![cfg(all(feature = "csv", feature = "sqlite"))]
#![allow(clippy::unwrap_used)]

use aiwaf_storage::{Access, Manager, ManagerError, Width};

const MANY: u32 = 10_000;

fn address(n: u32) -> String {
    std::net::Ipv4Addr::from(0x0a00_0000 + n).to_string()
}

#[test]
fn ten_thousand_come_and_go() {
    for kind in ["memory", "csv:list", "sqlite:list.db"] {
        let directory = tempfile::tempdir().unwrap();
        let spec = match kind.split_once(':') {
            Some((kind, name)) => format!("{kind}:{}/{name}", directory.path().display()),
            None => kind.to_owned(),
        };
        let mut manager = Manager::open(&spec, Access::Create).unwrap();
        let mut all = |change: &dyn Fn(&mut Manager, u32) -> Result<bool, ManagerError>| {
            let made: Result<Vec<bool>, ManagerError> =
                manager.together(|manager| (0..MANY).map(|n| change(manager, n)).collect());
            assert!(made.unwrap().into_iter().all(|made| made), "{kind}");
            let stats = manager.stats().unwrap();
            [stats.blacklist, stats.keywords, stats.exempt_paths]
        };
        let many = MANY as usize;
        let add = |manager: &mut Manager, n: u32| {
            let denied = manager.add_blacklist(&address(n), "x", None, Width::Ordinary)?;
            let added = manager.add_keyword(&format!("Word {n}"))?;
            Ok(denied && added && manager.add_exempt_path(&format!("/p/{n}"), "x")?)
        };
        assert_eq!(all(&add), [many; 3], "{kind}");
        let remove = |manager: &mut Manager, n: u32| {
            let lifted = manager.remove_blacklist(&address(n))?;
            let removed = manager.remove_keyword(&format!("word  {n}"))?;
            Ok(lifted && removed && manager.remove_exempt_path(&format!("/P/{n}"))?)
        };
        assert_eq!(all(&remove), [0; 3], "{kind}");
    }
}
