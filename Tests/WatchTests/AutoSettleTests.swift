// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

@testable import Watch

@Suite("settle: auto (W5, C5)")
struct AutoSettleTests {
    typealias Bench = SettleTableTests.Bench

    private func bench(_ ready: Ready = .settle) -> Bench { Bench(ready, settle: nil) }

    @Test("takes a file 2 s after its writer closed it")
    func closed() {
        var bench = bench()
        bench.note(.made)
        bench.write()
        bench.note(.closed)
        #expect(bench.run(until: 60) == [2])
    }

    @Test(
        "takes a file that was moved in, or came with its folder, after 2 s",
        arguments: [
            Arrival.moved, .made,
        ]
    )
    func came(arrival: Arrival) {
        var bench = bench()
        bench.note(arrival)
        #expect(bench.run(until: 60) == [2])
    }

    @Test("takes what was moved into place at once under ready: rename (W6)")
    func renamed() {
        var bench = bench(.rename)
        bench.note(.moved)
        #expect(bench.run(until: 0) == [0])
    }

    @Test("takes an old file that a scan finds at once, after two looks")
    func old() {
        var bench = bench()
        bench.stamp.modified = .init(seconds: 900)
        bench.stamp.changed = .init(seconds: 970)
        bench.table.found(bench.stamp, at: bench.place, by: .startScan, now: bench.now)
        #expect(bench.run(until: 0) == [0])
        #expect(bench.looks == 1, "finding it was the first")
    }

    @Test("takes a young file that a scan finds 30 s after its last change")
    func young() {
        var bench = bench()
        bench.stamp.modified = .init(seconds: 900)
        bench.stamp.changed = .init(seconds: 990)
        bench.table.found(bench.stamp, at: bench.place, by: .rescan, now: bench.now)
        #expect(bench.table.wait(of: bench.place)?.because == .found)
        #expect(bench.run(until: 60) == [20])
    }

    @Test("counts from first sight when the file's times are in the future")
    func future() {
        var bench = bench()
        bench.stamp.modified = .init(seconds: 9_999)
        bench.table.found(bench.stamp, at: bench.place, by: .rescan, now: bench.now)
        #expect(bench.run(until: 60) == [30])
    }

    @Test("believes only what it saw itself on a file system that others change too (C3)")
    func remote() {
        var bench = bench()
        bench.stamp.modified = .init(seconds: 1)
        bench.stamp.changed = .init(seconds: 1)
        bench.table.found(
            bench.stamp,
            at: bench.place,
            by: .startScan,
            isRemote: true,
            now: bench.now
        )
        #expect(bench.table.wait(of: bench.place)?.because == .remote)
        #expect(bench.table.wait(of: bench.place)?.until == bench.now + .seconds(60))
    }

    struct Pause: Sendable, CustomTestStringConvertible {
        var seconds: Int64
        var writer: Writer
        var testDescription: String { "\(seconds) s, \(writer)" }
    }

    @Test(
        "takes no half of a file whose writer allocates it and pauses with it open",
        arguments: [1, 5, 25].flatMap { seconds in
            [Pause(seconds: seconds, writer: .some), Pause(seconds: seconds, writer: .unknown)]
        }
    )
    func pauses(pause: Pause) {
        var bench = bench()
        bench.note(.made)
        bench.write(1_000)
        bench.writer = pause.writer
        for round in 1...5 {
            #expect(bench.run(until: Int64(round) * pause.seconds) == [])
            bench.write(0)
        }
        bench.writer = pause.writer == .some ? .none : .unknown
        bench.note(.closed)
        let end = 5 * pause.seconds
        #expect(bench.run(until: end + 60) == [end + 2])
    }

    @Test("takes no half of a file whose writer closes it and opens it again within 2 s")
    func reopens() {
        var bench = bench()
        for round in 1...20 {
            bench.write(10)
            bench.note(.closed)
            #expect(bench.run(until: Int64(round)) == [])
        }
        #expect(bench.run(until: 90) == [21])
    }

    @Test("waits twice as long for files of a kind each time one settled before it was whole")
    func learns() {
        var bench = bench()
        var waits: [Int64] = []
        var moment: Int64 = 0
        for number in 0..<4 {
            bench.place.name = Array("recording-\(number).MKV".utf8)
            bench.stamp.inode = UInt64(100 + number)
            bench.write()
            bench.note(.closed)
            // The recorder goes on after 7 s, and is done.
            let half = bench.run(until: moment + 7)
            waits += half.map { $0 - moment }
            bench.write()
            bench.note(.closed)
            #expect(bench.run(until: moment + 100).count == 1)
            moment += 100
        }
        #expect(waits == [2, 4], "and 8 s are enough")
        // Another kind is as quick as ever.
        bench.place.name = Array("a.pdf".utf8)
        bench.stamp.inode = 7
        bench.write()
        bench.note(.closed)
        #expect(bench.run(until: moment + 60) == [moment + 2])
    }

    @Test("takes what happens to many files at once, such as touch *, as one lesson for their kind")
    func together() {
        var history = SettleHistory()
        var now = Timestamp(seconds: 1_000)
        let other = SettleTable.Place(folder: 0, name: Array("other".utf8))
        for round in 1...2 {
            var lessons = 0
            for number in 0..<1_000 {
                let name = Array("\(round)-\(number)".utf8)
                let place = SettleTable.Place(folder: 0, name: name)
                var stamp = Bench().stamp
                stamp.inode = UInt64(number)
                history.haveSettled(place, stamp, at: now)
                let moment = now + .milliseconds(500 + Int64(number))
                stamp.modified = moment
                if history.haveSeen(place, stamp, at: moment) { lessons += 1 }
            }
            #expect(lessons == 1)
            #expect(history.doublings(of: other, at: now) == round)
            now = now + .seconds(60)
        }
    }

    @Test("forgets a doubling after an hour without a new reason")
    func forgets() {
        var history = SettleHistory()
        let place = SettleTable.Place(folder: 0, name: Array("a.mkv".utf8))
        let other = SettleTable.Place(folder: 0, name: Array("b.mkv".utf8))
        var stamp = Bench().stamp
        var now = Timestamp(seconds: 1_000)
        for _ in 0..<3 {
            history.haveSettled(place, stamp, at: now)
            now = now + .seconds(5)
            stamp.size += 1
            _ = history.haveSeen(place, stamp, at: now)
        }
        #expect(history.doublings(of: place, at: now) == 3)
        #expect(history.doublings(of: other, at: now) == 1, "one file, one doubling for its kind")
        #expect(history.doublings(of: other, at: now + .seconds(3_600)) == 0)
        #expect(history.doublings(of: place, at: now + .seconds(3_600)) == 2)
    }

    @Test("learns nothing from a file that is replaced, touched, or rewritten every hour")
    func versions() {
        var history = SettleHistory()
        let place = SettleTable.Place(folder: 0, name: Array("settings.json".utf8))
        let stamp = Bench().stamp
        let now = Timestamp(seconds: 1_000)
        history.haveSettled(place, stamp, at: now)
        var replaced = stamp
        replaced.inode += 1
        replaced.size += 1
        var isEarly = history.haveSeen(place, replaced, at: now + .seconds(5))
        #expect(!isEarly)
        var touched = stamp
        touched.changed = now
        isEarly = history.haveSeen(place, touched, at: now + .seconds(5))
        #expect(!isEarly)
        var rewritten = stamp
        rewritten.modified = now + .seconds(3_600)
        isEarly = history.haveSeen(place, rewritten, at: now + .seconds(3_600))
        #expect(!isEarly)
        #expect(history.doublings(of: place, at: now) == 0)
    }

    @Test("takes a file that is rewritten every minute for ever, if seldom")
    func rewritten() {
        var bench = bench()
        var reports: [Int64] = []
        for minute in 0..<60 {
            bench.stamp.modified = bench.now
            bench.stamp.changed = bench.now
            bench.note(.closed)
            reports += bench.run(until: Int64(minute + 1) * 60)
        }
        // 2, 4, 8, 16, 32 s after a rewrite; 64 s never come, so then every tenth minute.
        #expect(reports.prefix(5) == [2, 64, 128, 196, 272])
        #expect(reports.count >= 8)
    }

    @Test("remembers no more than a bounded number of files")
    func bounded() {
        var history = SettleHistory()
        var stamp = Bench().stamp
        let now = Timestamp(seconds: 1_000)
        for number in 0..<20_000 {
            let place = SettleTable.Place(folder: 0, name: Array("f\(number).s\(number)".utf8))
            stamp.inode = UInt64(number)
            history.haveSettled(place, stamp, at: now)
            var changed = stamp
            changed.size += 1
            if number.isMultiple(of: 3) { _ = history.haveSeen(place, changed, at: now) }
        }
        #expect(history.remembered <= 4_096)
        #expect(history.learned <= 256)
    }
}
