//! Frames that editors embed: players of videos and sound, and maps.

use super::plain::name;

/// Pages that are made to be shown in a frame, and that show nothing of their visitor's choice but
/// a video, a track or a place.
const PAGES: [&[u8]; 6] = [
    b"www.youtube.com/embed/",
    b"www.youtube-nocookie.com/embed/",
    b"player.vimeo.com/video/",
    b"www.google.com/maps/embed?",
    b"open.spotify.com/embed/",
    b"w.soundcloud.com/player/?",
];

/// The longest tag that is read.
const LONGEST: usize = 1024;

/// Whether a tag, read from behind its bracket, is a frame with one of those pages, and nothing
/// else.
pub(super) fn is_player(tag: &[u8]) -> bool {
    let Some(mut rest) = tag.get(..LONGEST).unwrap_or(tag).strip_prefix(b"iframe ") else {
        return false;
    };
    let mut shows = false;
    loop {
        rest = rest.trim_ascii_start();
        if rest.starts_with(b">") {
            return shows;
        }
        let Some((name, value, after)) = attribute(rest) else {
            return false;
        };
        match name {
            b"src" if is_page(value) => shows = true,
            b"src" | b"srcdoc" => return false,
            _ if name.starts_with(b"on") => return false,
            _ => {}
        }
        rest = after;
    }
}

/// An attribute, its value, and what follows it. The value is in quotes, a number or missing.
fn attribute(text: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let (name, rest) = name(text)?;
    let Some(value) = rest.strip_prefix(b"=") else {
        return Some((name, b"", rest));
    };
    match value.split_first()? {
        (&quote @ (b'"' | b'\''), value) => {
            let (value, rest) = value.split_at_checked(memchr::memchr(quote, value)?)?;
            Some((name, value, rest.get(1..)?))
        }
        _ => {
            let len = value
                .iter()
                .take_while(|byte| byte.is_ascii_digit())
                .count();
            let (value, rest) = value.split_at_checked(len)?;
            let ends = matches!(rest.first(), Some(b' ' | b'>'));
            (len > 0 && ends).then_some((name, value, rest))
        }
    }
}

fn is_page(address: &[u8]) -> bool {
    let address = address.strip_prefix(b"https:").unwrap_or(address);
    let address = address.strip_prefix(b"http:").unwrap_or(address);
    let page = address.strip_prefix(b"//");
    page.is_some_and(|page| PAGES.iter().any(|known| page.starts_with(known)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_player_is_a_frame_with_a_known_page_alone() {
        for tag in [
            "iframe src=\"https://www.google.com/maps/embed?pb=!1m18\" width=\"600\" style=\"border:0;\" allowfullscreen=\"\"></iframe>",
            "iframe width=560 src='//www.youtube.com/embed/x?rel=0' allowfullscreen>",
            "iframe title=\"x\" src=\"http://player.vimeo.com/video/1\">",
        ] {
            assert!(is_player(tag.as_bytes()), "{tag}");
        }
        for tag in [
            "iframe src=\"https://x.test/www.youtube.com/embed/\">",
            "iframe src=\"https://www.youtube.com.x.test/embed/\">",
            "iframe src=\"//x.test\" src=\"//www.youtube.com/embed/x\">",
            "iframe src=\"//www.youtube.com/embed/x\" srcdoc=\"x\">",
            "iframe src=\"//www.youtube.com/embed/x\" onload=\"x\">",
            "iframe src=javascript:x title=\"//www.youtube.com/embed/x\">",
            "iframe title=\"//www.youtube.com/embed/x\">",
            "iframe src=\"//www.youtube.com/embed/x\" src=\"//x.test\">",
            "iframe width=5src=\"//www.youtube.com/embed/x\" src=\"//x.test\">",
            "iframe width=5src=\"//www.youtube.com/embed/x\">",
            "iframe src=\"//www.youtube.com/embed/x\"",
            "iframe/src=\"//www.youtube.com/embed/x\">",
            "object data=\"//www.youtube.com/embed/x\">",
        ] {
            assert!(!is_player(tag.as_bytes()), "{tag}");
        }
    }
}
