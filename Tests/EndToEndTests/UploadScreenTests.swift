// SPDX-License-Identifier: Apache-2.0

import Control
import Foundation
import Jobs
import Testing

@testable import presignd

/// An upload that has moved some of its bytes in two seconds.
private func tally(
    files: Int = 3,
    bytes: Int64 = 50 << 20,
    of total: Int64 = 100 << 20,
    waiting: Int = 0,
    results: [UploadResult] = [],
    moving: [FileInMotion] = []
) -> UploadTally {
    var tally = UploadTally(files: files)
    let progress = UploadProgress(
        results: results,
        isComplete: false,
        total: total,
        bytes: bytes,
        waiting: waiting,
        moving: moving
    )
    tally.take(progress, at: .seconds(2))
    return tally
}

private let done = UploadResult(path: "a.pdf", url: "http://127.0.0.1/a", problem: nil)
private let failed = UploadResult(path: "b", url: nil, problem: "it is\u{1b}[2J gone")
private let waits = UploadResult(path: "c\n", url: nil, problem: "SlowDown", isWaiting: true)

@Suite("Text on a terminal")
struct ColumnTests {
    @Test(
        "is counted in columns, and never too few",
        arguments: [
            ("", 0), ("abc", 3), ("é", 1), ("e\u{301}", 1), ("日本", 4), ("한", 2), ("😀", 2),
            ("\u{200b}", 0), ("☂\u{fe0f}", 2), ("ｆ", 2), ("\\x1b", 4),
        ]
    )
    func width(text: String, width: Int) { #expect(Columns.width(of: text) == width) }

    @Test(
        "is cut at its end, or in its middle, to what fits",
        arguments: [
            ("report.pdf", 10, "report.pdf", "report.pdf"), ("report.pdf", 7, "report…", "rep…pdf"),
            ("report.pdf", 2, "r…", "r…"), ("report.pdf", 1, "…", "…"), ("report.pdf", 0, "", ""),
            ("日本語版", 5, "日本…", "日…版"), ("e\u{301}e\u{301}e", 2, "e\u{301}…", "e\u{301}…"),
        ]
    )
    func cut(text: String, columns: Int, end: String, middle: String) {
        #expect(Columns.cut(text, to: columns) == end)
        #expect(Columns.shortened(text, to: columns) == middle)
    }

    @Test("shows a hostile name without letting it act", arguments: HostileNames.all)
    func safe(name: [UInt8]) {
        let shown = Columns.safe(String(decoding: name, as: UTF8.self))
        let isPlain = shown.unicodeScalars.allSatisfy {
            $0.value >= 0x20 && !(0x7f...0x9f).contains($0.value) && $0 != "\u{202e}"
        }
        #expect(isPlain, "\(shown)")
    }
}

@Suite("Quantities for people")
struct QuantityTests {
    @Test(
        "a size has three digits or so, whatever it is",
        arguments: [
            (-1, "0 B"), (0, "0 B"), (1_023, "1023 B"), (1_024, "1.0 KiB"), (53_555, "52.3 KiB"),
            (102_348, "99.9 KiB"), (102_400, "100 KiB"), (1_047_900, "1023 KiB"),
            (1_048_575, "1.0 MiB"), (5 << 40, "5.0 TiB"), (.max, "8192 PiB"),
        ] as [(Int64, String)]
    )
    func sizes(bytes: Int64, text: String) { #expect(QuantityWords.size(bytes) == text) }

    @Test(
        "a time is what a clock shows, and days from the first on",
        arguments: [
            (0, "0:00"), (65, "1:05"), (3_600, "1:00:00"), (86_399, "23:59:59"),
            (97_200, "1 d 3 h"),
        ] as [(Int64, String)]
    )
    func times(seconds: Int64, text: String) {
        #expect(QuantityWords.time(.seconds(seconds)) == text)
    }

    @Test("a length is in the largest unit that divides it")
    func lengths() {
        let lengths = [0, 90, 120, 86_400, 90_000, 604_800].map(QuantityWords.length)
        #expect(lengths == ["0 s", "90 s", "2 min", "1 d", "25 h", "7 d"])
    }

    @Test("a rate is the average at first, the last seconds later, and nothing before there is one")
    func pace() {
        var pace = Pace()
        pace.note(0, at: .milliseconds(100))
        #expect(pace.rate == nil && pace.timeLeft(for: 1) == nil)
        for second in 1...10 { pace.note(Int64(second) * 1_000, at: .seconds(Int64(second))) }
        #expect(abs((pace.rate ?? 0) - 1_000) < 1)
        #expect(pace.timeLeft(for: 60_000) == .seconds(60))
        // It stands still: what was measured loses its weight, and then nobody can tell the time.
        pace.note(10_000, at: .seconds(14))
        #expect((300...500).contains(pace.rate ?? 0))
        pace.note(10_000, at: .seconds(200))
        #expect(pace.timeLeft(for: 1) == nil)
        // What has to be sent again is no negative rate.
        pace.note(0, at: .seconds(201))
        #expect((pace.rate ?? -1) >= 0)
    }

    @Test("hundredths are rounded down: 100 is all")
    func percent() {
        let shown = [(0, 0), (0, 3), (999, 1_000), (3, 3), (4, 3), (-1, 3)].map {
            UploadTally.percent($0, of: $1)
        }
        #expect(shown == [100, 0, 99, 100, 100, 0])
    }
}

@Suite("An upload on a terminal")
struct UploadFrameTests {
    private let moving = [
        FileInMotion(
            path: "photos/2026/holiday in a far country.jpg",
            size: 80 << 20,
            sent: 20 << 20
        ),
        FileInMotion(path: "日本語の名前.txt", size: 10, sent: 10),
    ]

    @Test("shows each file, and below them the sum, the rate and the time left")
    func wide() {
        let upload = tally(waiting: 1, results: [done, failed], moving: moving)
        #expect(
            UploadFrame(width: 100, height: 24).lines(upload) == [
                " 25% [##--------] 80.0 MiB  photos/2026/holiday in a far country.jpg",
                "100% [##########]     10 B  日本語の名前.txt",
                "2/3 files  50%  50.0 MiB of 100 MiB  25.0 MiB/s  0:02 left  1 waiting  1 failed",
            ]
        )
    }

    @Test("leaves out what matters least where there is little room")
    func narrow() {
        let upload = tally(results: [done, failed], moving: moving)
        #expect(
            UploadFrame(width: 30, height: 24).lines(upload) == [
                " 25% photos/2026… country.jpg", "100% 日本語の名前.txt", "2/3  50%  0:02 left  1 failed",
            ]
        )
        #expect(UploadFrame(width: 8, height: 1).lines(upload) == ["2/3"])
    }

    @Test("counts the files for which there are no lines")
    func low() {
        let many = (1...9).map { FileInMotion(path: "\($0)", size: 1, sent: 0) }
        let lines = UploadFrame(width: 80, height: 6).lines(tally(moving: many))
        #expect(lines.count == 5 && lines[3] == "and 6 more on their way")
    }

    @Test("fits every width, and no name escapes its line", arguments: HostileNames.all)
    func hostile(name: [UInt8]) {
        let path = String(decoding: name, as: UTF8.self)
        let upload = tally(
            files: 1_000_000,
            bytes: 5 << 40,
            of: 9 << 50,
            results: [failed],
            moving: [FileInMotion(path: path, size: 5 << 40, sent: 1)]
        )
        for width in 1...120 {
            for line in UploadFrame(width: width, height: 9).lines(upload) {
                #expect(Columns.width(of: line) <= max(width - 1, 1), "\(width): \(line)")
                #expect(!line.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7f })
            }
        }
    }

    @Test("is drawn over where it stands, also when the terminal has become narrower")
    func drawing() {
        var area = LiveArea()
        #expect(area.draw([], width: 80).isEmpty)
        #expect(
            area.draw(["ab", "c"], width: 80)
                == "\r\u{1b}[?7lab\u{1b}[K\nc\u{1b}[K\n\u{1b}[J\u{1b}[?7h"
        )
        #expect(area.draw(["d"], width: 80).hasPrefix("\u{1b}[2A\r\u{1b}[?7ld\u{1b}[K\n\u{1b}[J"))
        _ = area.draw([String(repeating: "x", count: 50), "y"], width: 80)
        // 50 columns take three lines of 20.
        #expect(area.erase(width: 20) == "\u{1b}[4A\r\u{1b}[?7l\u{1b}[J\u{1b}[?7h")
        #expect(area.erase(width: 20).isEmpty)
        _ = area.draw(["z"], width: 80)
        area.leave()
        #expect(area.draw(["z"], width: 80).hasPrefix("\r"))
    }
}

@Suite("An upload in lines")
struct UploadLineTests {
    @Test("tells of each file what was asked for, and nothing that acts on a terminal")
    func files() {
        let styles: [ProgressStyle] = [.plain, .live, .quiet]
        let lines = styles.map { style in
            [done, failed, waits].map { UploadLines.line($0, style) }
        }
        let gone = #"b has no link: it is\x1b[2J gone"#
        let slow = #"c\x0a waits: SlowDown"#
        #expect(lines[0] == ["a.pdf is done", gone, slow])
        #expect(lines[1] == [nil, gone, slow])
        #expect(lines[2] == [nil, gone, nil])
    }

    @Test("sums up")
    func sums() {
        let upload = tally(waiting: 1, results: [done, failed])
        let sum =
            "2 of 3 files, 50.0 MiB of 100 MiB, 50%, 25.0 MiB/s, 0:02 left, 1 waiting, 1 failed"
        #expect(UploadLines.sum(upload) == sum)
        #expect(UploadLines.end(upload) == "1 of 3 files done, 100 MiB sent in 0:02")
        #expect(UploadLines.sum(UploadTally(files: 1)) == "0 of 1 file")
    }

    @Test("is told in the form that was asked for, or that fits standard error")
    func styles() {
        func style(_ flags: (json: Bool, no: Bool, quiet: Bool), canDraw: Bool) -> ProgressStyle {
            ProgressStyle(
                json: flags.json,
                noProgress: flags.no,
                quiet: flags.quiet,
                canDraw: canDraw
            )
        }
        #expect(style((false, false, false), canDraw: true) == .live)
        #expect(style((false, false, false), canDraw: false) == .plain)
        #expect(style((false, true, false), canDraw: true) == .problems)
        #expect(style((false, true, true), canDraw: true) == .quiet)
        #expect(style((true, false, true), canDraw: true) == .json)
    }

    @Test("a plan is a table, with the reason where there is one")
    func plan() {
        let plan = UploadPlanReport(
            template: "inbox",
            store: "media",
            bucket: "b",
            publish: ["links"],
            expiresIn: 86_400,
            files: [
                PlannedFile(path: "a", action: .send, size: 9, key: "{id}/a", parts: 1),
                PlannedFile(
                    path: "large",
                    action: .send,
                    size: 80 << 20,
                    key: "{id}/large",
                    parts: 10,
                    partSize: 8 << 20
                ),
                PlannedFile(path: "x\u{1b}", action: .refuse, reason: "gone"),
            ]
        )
        #expect(
            UploadPlanView.text(plan) == """
                Template inbox: to bucket b of store media; links work for 1 d and are published to: \
                links
                send          9 B         whole  a -> {id}/a
                send     80.0 MiB  10 x 8.0 MiB  large -> {id}/large
                no link                          x\\x1b: gone
                2 files would be sent (80.0 MiB), 1 would get no link. Nothing was done.
                """
        )
    }
}
