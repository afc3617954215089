// SPDX-License-Identifier: Apache-2.0

import Crypto
import Jobs

/// The page of a card: name, size, expiry and link of one file, in one file of its own.
///
/// It loads nothing, sends nothing (no `Referer` either, which would tell the link), and runs no
/// script but its own, which its policy names by hash.
enum CardPage {
    private static let style = """
        body{font:16px/1.5 system-ui,sans-serif;max-width:40em;margin:4em auto;padding:0 1em;\
        color:#222;background:#fff}h1{font-size:1.3em;overflow-wrap:anywhere}\
        a.get{display:inline-block;padding:.6em 1.2em;border-radius:.3em;background:#0b57d0;\
        color:#fff;text-decoration:none}input{width:100%;box-sizing:border-box;margin:1em 0 .5em;\
        padding:.4em;font:inherit}.ended a.get{background:#888}button{font:inherit}
        """

    private static let script = """
        (function(){var m=document.querySelector("main"),e=Date.parse(m.dataset.expires),\
        l=document.getElementById("left"),i=document.getElementById("url"),\
        b=document.getElementById("copy");function t(){var s=Math.floor((e-Date.now())/1000);\
        if(!(s>0)){l.textContent="This link has ended.";m.className="ended";return}\
        var d=Math.floor(s/86400),h=Math.floor(s/3600)%24,n=Math.floor(s/60)%60;\
        l.textContent=(d?d+" d ":"")+(d||h?h+" h ":"")+n+" min "+(s%60)+" s left";\
        setTimeout(t,1000)}t();b.hidden=false;b.addEventListener("click",function(){i.select();\
        function f(){b.textContent="Copied"}if(navigator.clipboard){\
        navigator.clipboard.writeText(i.value).then(f,function(){\
        if(document.execCommand("copy"))f()})}else if(document.execCommand("copy"))f()})})();
        """

    private static let policy =
        "default-src 'none'; style-src '\(hash(style))'; script-src '\(hash(script))'; "
        + "base-uri 'none'; form-action 'none'"

    private static func hash(_ text: String) -> String {
        "sha256-" + Array(SHA256.hash(data: Array(text.utf8))).base64
    }

    /// Makes the page.
    ///
    /// - Returns: Nothing when the link is no web address, which no page should offer.
    static func html(_ fields: NoticeFields, mark: CardMark) -> [UInt8]? {
        let url = fields.text("url")
        guard url.hasPrefix("https://") || url.hasPrefix("http://") else { return nil }
        let name = escaped(fields.name)
        let link = escaped(Array(url.utf8))
        let expires = escaped(fields["expires_at"])
        let until = escaped(Array(fields.expiresText.utf8))
        let text = """
            <!DOCTYPE html>
            \(mark.comment)
            <html lang="en"><head><meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="\(policy)">
            <meta name="referrer" content="no-referrer">
            <meta name="viewport" content="width=device-width">
            <title>\(name)</title><style>\(style)</style></head>
            <body><main data-expires="\(expires)"><h1>\(name)</h1>
            <p>\(escaped(Array(fields.sizeText.utf8))), until \(until)<br><span id="left"></span></p>
            <p><a class="get" href="\(link)" rel="noreferrer noopener">Download</a></p>
            <input id="url" readonly value="\(link)" aria-label="Link">
            <button id="copy" type="button" hidden>Copy link</button>
            </main><script>\(script)</script></body></html>

            """
        return Array(text.utf8)
    }

    /// Text for an element or for an attribute in double quotes.
    static func escaped(_ text: [UInt8]) -> String {
        var out: [UInt8] = []
        out.appendMarkup(text)
        return String(decoding: out, as: UTF8.self)
    }
}

/// What tells a card of presignd's from another's file, and a later card from an earlier one.
struct CardMark: Comparable {
    /// The link's id, and its revision.
    var id: UniqueID
    var revision: Int64

    private static let front = "<!-- presignd card "

    init?(_ fields: NoticeFields) {
        guard let id = UniqueID(fields.text("id")) else { return nil }
        self.id = id
        revision = Int64(fields.text("rev")) ?? 0
    }

    /// Reads the mark out of the front of a file.
    init?(front bytes: [UInt8]) {
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n").prefix(2) {
            guard line.hasPrefix(Self.front), line.hasSuffix(" -->") else { continue }
            let words = line.dropFirst(Self.front.count).dropLast(4).split(separator: " ")
            guard words.count == 2, let id = UniqueID(words[0]), let revision = Int64(words[1])
            else {
                continue
            }
            self.id = id
            self.revision = revision
            return
        }
        return nil
    }

    var comment: String { "\(Self.front)\(id) \(revision) -->" }

    static func < (a: CardMark, b: CardMark) -> Bool { (a.id, a.revision) < (b.id, b.revision) }
}
