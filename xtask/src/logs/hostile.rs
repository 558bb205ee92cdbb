//! Text that tries to break out of its field, line or cell.

/// The delimiters of the log formats, and texts that terminals, spreadsheets and parsers interpret.
const PIECES: [&[u8]; 36] = [
    b"\"", b"\\", b"\\\"", b"\n", b"\r\n", b"\r", b"\t", b"\0", b" ", b"  ", b",", b";", b"'", b"=cmd|' /C calc'!A0",
    b"+1+1", b"-1", b"@SUM(A1)", b"\x1b[2J\x1b[31m", b"\x7f", b"\x85", b"\xe2\x80\xa8", b"\xff\xfe", b"\xc3\x28", b"{\"a\":1}",
    b"]", b"[", b"%0a", b"%22", b"%00", b"${jndi:ldap://x}", b"<script>", b"\xf0\x9f\x90\x99", "größe".as_bytes(), b"- - [01/Jan/2026:00:00:00 +0000]",
    b"\" 200 1 \"-\" \"-\"\n127.0.0.1 - - [01/Jan/2026:00:00:00 +0000] \"GET /forged HTTP/1.1\" 200 1 \"-\" \"-\"", b"HTTP/1.1",
];

/// A stream of such texts, always the same for one seed.
pub(super) struct Hostile(u64);

impl Hostile {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed | 1)
    }

    /// A few pieces with letters and stray bytes between them.
    pub(super) fn bytes(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for _ in 0..self.below(8) {
            match self.below(4) {
                0 => bytes.push(self.below(256) as u8),
                1 => bytes.extend_from_slice(b"abc"),
                _ => {
                    let at = self.below(PIECES.len() as u64) as usize;
                    bytes.extend_from_slice(PIECES.get(at).copied().unwrap_or_default());
                }
            }
        }
        bytes
    }

    /// Xorshift: good enough to mix pieces, and the same everywhere.
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_piece_comes() {
        let mut hostile = Hostile::new(7);
        let all: Vec<u8> = (0..2000).flat_map(|_| hostile.bytes()).collect();
        for piece in PIECES {
            assert!(
                all.windows(piece.len()).any(|part| part == piece),
                "{piece:?}"
            );
        }
    }
}
