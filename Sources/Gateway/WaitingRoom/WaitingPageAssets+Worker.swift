extension WaitingPageAssets {
    /// Looks for the number that a puzzle asks for, half of the time at most, so that the computer stays usable.
    static let worker = Asset(
        ending: "js",
        contentType: "text/javascript; charset=utf-8",
        text: workerText
    )

    /// SHA-256 (FIPS 180-4) of one block, of which the first word is enough. Browsers' own is far slower for short
    /// messages, one promise each, and there is none on plain HTTP.
    private static let workerText = """
        "use strict";
        const [first, constants] = [[], []];
        for (let n = 2; constants.length < 64; n++) {
          let prime = true;
          for (let d = 2; d * d <= n; d++) if (n % d === 0) prime = false;
          if (!prime) continue;
          if (first.length < 8) first.push((Math.sqrt(n) * 4294967296) | 0);
          constants.push((Math.cbrt(n) * 4294967296) | 0);
        }
        const words = new Int32Array(64);
        const turned = (word, bits) => (word >>> bits) | (word << (32 - bits));
        const firstWord = (text) => {
          words.fill(0, 0, 16);
          for (let i = 0; i < text.length; i++) words[i >> 2] |= text.charCodeAt(i) << (24 - 8 * (i & 3));
          words[text.length >> 2] |= 0x80 << (24 - 8 * (text.length & 3));
          words[15] = 8 * text.length;
          for (let i = 16; i < 64; i++) {
            const [x, y] = [words[i - 15], words[i - 2]];
            const low = turned(x, 7) ^ turned(x, 18) ^ (x >>> 3);
            const high = turned(y, 17) ^ turned(y, 19) ^ (y >>> 10);
            words[i] = (words[i - 16] + low + words[i - 7] + high) | 0;
          }
          let [a, b, c, d, e, f, g, h] = first;
          for (let i = 0; i < 64; i++) {
            const sum = turned(e, 6) ^ turned(e, 11) ^ turned(e, 25);
            const one = (h + sum + ((e & f) ^ (~e & g)) + constants[i] + words[i]) | 0;
            const two = ((turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
            h = g; g = f; f = e; e = (d + one) | 0; d = c; c = b; b = a; a = (one + two) | 0;
          }
          return (a + first[0]) | 0;
        };
        onmessage = ({ data: { puzzle, difficulty } }) => {
          let number = 0;
          const slice = () => {
            const end = Date.now() + 15;
            while (Date.now() < end) {
              for (let i = 0; i < 200; i++, number++) {
                if (firstWord(puzzle + "." + number) >>> (32 - difficulty) === 0) return postMessage(String(number));
              }
            }
            setTimeout(slice, 15);
          };
          slice();
        };

        """
}
