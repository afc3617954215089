// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

@testable import Watch

@Suite("The table of settling files (W5)")
struct SettleTableTests {
    /// A table with a made-up clock and one made-up file.
    struct Bench {
        var table: SettleTable
        var now = Timestamp(seconds: 1_000)
        var stamp = FileStamp(
            size: 0,
            modified: .init(seconds: 1_000),
            changed: .init(seconds: 1_000),
            inode: 7
        )
        var writer = Writer.none
        var looks = 0
        var place = SettleTable.Place(folder: 0, name: Array("a".utf8))

        init(_ ready: Ready = .settle, settle: Span? = .seconds(2)) {
            table = SettleTable(
                rule: SettleRule(ready: ready, settle: settle, cautious: .seconds(30))
            )
        }

        mutating func note(_ arrival: Arrival) { table.note(arrival, at: place, now: now) }

        mutating func write(_ bytes: Int64 = 1) {
            stamp.size += bytes
            stamp.modified = now
            stamp.changed = now
        }

        /// Makes every look that falls due until then; returns when the file settled, in seconds
        /// after the start, each time it did.
        mutating func run(until end: Int64) -> [Int64] {
            var reports: [Int64] = []
            let end = Timestamp(seconds: 1_000 + end)
            while let due = table.nextDue, due <= end {
                now = max(now, due)
                for visit in table.visits(at: now, limit: 10) {
                    looks += 1
                    let outcome = table.looked(
                        at: visit.place,
                        stamp: stamp,
                        writer: visit.asksForWriter ? writer : .notAsked,
                        now: now
                    )
                    if case .settled = outcome { reports.append(now.seconds - 1_000) }
                }
            }
            now = end
            return reports
        }
    }

    @Test(
        "reports a file at once under settle: 0s when it is closed or moved in, not while it is made"
    )
    func atOnce() {
        for arrival in [Arrival.closed, .moved] {
            var bench = Bench(settle: .zero)
            bench.write()
            bench.note(arrival)
            #expect(bench.run(until: 0) == [0])
        }
        var bench = Bench(settle: .zero)
        bench.note(.made)
        bench.write()
        #expect(bench.run(until: 1) == [])
        bench.write()
        bench.note(.closed)
        #expect(bench.run(until: 1) == [1])
    }

    @Test("keeps its wait under settle: 0s for a file that a scan found")
    func atOnceFound() {
        var bench = Bench(settle: .zero)
        bench.write()
        bench.table.found(bench.stamp, at: bench.place, by: .startScan, now: bench.now)
        #expect(bench.run(until: 29) == [])
        #expect(bench.run(until: 60) == [30])
    }

    @Test("reports a closed file after 2 s and two looks, and forgets it")
    func closed() {
        var bench = Bench()
        bench.note(.open)
        bench.write()
        bench.note(.closed)
        #expect(bench.run(until: 60) == [2])
        #expect(bench.looks == 2)
        #expect(bench.table.count == 0)
        #expect(bench.table.nextDue == nil)
    }

    @Test("makes one report of a minute of rewrites")
    func rewrites() {
        var bench = Bench()
        for second in 0..<60 {
            #expect(bench.run(until: Int64(second)) == [])
            bench.write()
            bench.note(.closed)
        }
        #expect(bench.run(until: 100) == [61])
    }

    @Test("starts anew for a file that grows without an event, and no longer takes it as closed")
    func grows() {
        var bench = Bench()
        bench.writer = .unknown
        bench.note(.closed)
        #expect(bench.run(until: 1) == [])
        bench.write()
        #expect(bench.run(until: 60) == [31], "30 s after the last change, since nobody can tell")
    }

    @Test("does not take a change of owner for writing")
    func chown() {
        var bench = Bench()
        bench.writer = .unknown
        bench.note(.closed)
        #expect(bench.run(until: 1) == [])
        bench.stamp.changed = bench.now
        #expect(bench.run(until: 60) == [3])
    }

    @Test("waits while a writer has the file open, and looks at once when it closes it")
    func writer() {
        var bench = Bench()
        bench.writer = .some
        bench.note(.open)
        #expect(bench.run(until: 300) == [])
        #expect(bench.looks < 14, "the looks get rarer")
        #expect(bench.table.stalled == 1)
        bench.writer = .none
        bench.note(.closed)
        #expect(bench.run(until: 400) == [300])
        #expect(bench.table.stalled == 0)
    }

    @Test("takes two looks, 2 s apart, at a file a scan found, however old it is")
    func listed() {
        var bench = Bench()
        bench.stamp.modified = .init(seconds: 1)
        bench.stamp.changed = .init(seconds: 1)
        bench.table.found(bench.stamp, at: bench.place, by: .startScan, now: bench.now)
        #expect(bench.run(until: 1) == [])
        #expect(bench.run(until: 10) == [2])
    }

    @Test("says that a file came by an event once one is seen")
    func foundBy() {
        var bench = Bench()
        bench.table.found(bench.stamp, at: bench.place, by: .startScan, now: bench.now)
        bench.note(.closed)
        bench.now = bench.now + .seconds(2)
        #expect(bench.table.visits(at: bench.now, limit: 9).map(\.asksForWriter) == [true])
        let outcome = bench.table.looked(
            at: bench.place,
            stamp: bench.stamp,
            writer: .none,
            now: bench.now
        )
        #expect(outcome == .settled(bench.stamp, .event))
    }

    @Test("reports what was moved into place at its first look under ready: rename (W6)")
    func renamed() {
        var bench = Bench(.rename)
        bench.note(.moved)
        #expect(bench.run(until: 0) == [0])
        #expect(bench.looks == 1)
        bench.note(.closed)
        bench.write()
        #expect(bench.run(until: 10) == [2])
    }

    @Test("reports a file that was handed back no sooner than asked")
    func handedBack() {
        var bench = Bench()
        bench.table.handBack(bench.place, until: bench.now + .seconds(20), now: bench.now)
        #expect(bench.run(until: 10) == [])
        #expect(bench.table.wait(of: bench.place)?.because == .handedBack)
        #expect(bench.run(until: 60) == [20])
    }

    @Test("does not wait an hour longer when the clock is set back by one")
    func clockSetBack() {
        var bench = Bench()
        bench.note(.closed)
        #expect(bench.run(until: 1) == [])
        bench.now = bench.now - .seconds(3_600)
        bench.table.clockWasSetBack(to: bench.now)
        #expect(bench.run(until: -3_590) == [-3_597])
    }

    @Test("gives the memory of a burst back")
    func burst() {
        var bench = Bench()
        for number in 0..<5_000 {
            let place = SettleTable.Place(folder: 1, name: Array("\(number)".utf8))
            bench.table.note(.closed, at: place, now: bench.now)
        }
        #expect(bench.run(until: 10).count == 5_000)
        #expect(bench.table.count == 0)
        #expect(bench.table.slots.isEmpty)
    }

    @Test("looks in the order things fall due")
    func dueOrder() {
        var queue = DueQueue()
        for number in [5, 3, 9, 1, 7, 3, 8, 2] {
            queue.push(.init(due: .init(seconds: Int64(number)), slot: 0, serial: 0))
        }
        var seen: [Int64] = []
        while let item = queue.popFirst() { seen.append(item.due.seconds) }
        #expect(seen == [1, 2, 3, 3, 5, 7, 8, 9])
    }
}
