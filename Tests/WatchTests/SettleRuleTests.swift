// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

@testable import Watch

@Suite("The settle rule (W5)")
struct SettleRuleTests {
    private let rule = SettleRule(ready: .settle, settle: .seconds(2), cautious: .seconds(30))

    struct Case: Sendable, CustomTestStringConvertible {
        var what: String
        var modified: Int64 = 100
        var changed: Int64 = 100
        var since: Int64 = 100
        var agree = true
        var arrival = Arrival.closed
        var writer = Writer.none
        var refusals = 0
        var notBefore: Int64?
        var now: Int64
        var wanted: SettleRule.Decision

        var testDescription: String { what }

        var facts: SettleFacts {
            SettleFacts(
                stamp: FileStamp(
                    size: 1,
                    modified: .init(seconds: modified),
                    changed: .init(seconds: changed),
                    inode: 1
                ),
                since: .init(seconds: since),
                twoLooksAgree: agree,
                arrival: arrival,
                writer: writer,
                refusals: refusals,
                notBefore: notBefore.map { .init(seconds: $0) }
            )
        }
    }

    static func wait(_ seconds: Int64, _ reason: SettleReason = .changed) -> SettleRule.Decision {
        .wait(until: .init(seconds: seconds), reason)
    }

    static let cases: [Case] = [
        Case(what: "closed and unchanged for 2 s: whole", now: 102, wanted: .whole),
        Case(what: "closed and too young", now: 101, wanted: wait(102)),
        Case(what: "moved in: as if closed", arrival: .moved, now: 102, wanted: .whole),
        Case(
            what: "an old mtime (cp -p) does not hide a young ctime",
            modified: 1,
            now: 101,
            wanted: wait(102)
        ),
        Case(
            what: "an mtime in the future counts from first sight",
            modified: 9_999,
            now: 102,
            wanted: .whole
        ),
        Case(
            what: "an mtime in the future, too young",
            modified: 9_999,
            now: 101,
            wanted: wait(102)
        ),
        Case(what: "one look is not enough", agree: false, now: 102, wanted: wait(102)),
        Case(what: "the last look asks", writer: .notAsked, now: 105, wanted: wait(105)),
        Case(what: "closed, cannot tell: whole", writer: .unknown, now: 102, wanted: .whole),
        Case(what: "a writer: later", writer: .some, now: 102, wanted: wait(104, .writer)),
        Case(
            what: "a writer again: later still",
            writer: .some,
            refusals: 2,
            now: 102,
            wanted: wait(110, .writer)
        ),
        Case(
            what: "a writer for ages: every 60 s",
            writer: .some,
            refusals: 50,
            now: 102,
            wanted: wait(162, .writer)
        ),
        Case(
            what: "listed: the looks are 2 s apart however old it is",
            modified: 1,
            changed: 1,
            arrival: .listed,
            now: 101,
            wanted: wait(102)
        ),
        Case(
            what: "listed, nobody writes: whole",
            modified: 1,
            changed: 1,
            arrival: .listed,
            now: 102,
            wanted: .whole
        ),
        Case(
            what: "listed, cannot tell, old: whole",
            modified: 1,
            changed: 1,
            arrival: .listed,
            writer: .unknown,
            now: 102,
            wanted: .whole
        ),
        Case(
            what: "listed, cannot tell, young: 30 s",
            arrival: .listed,
            writer: .unknown,
            now: 102,
            wanted: wait(130, .cautious)
        ),
        Case(
            what: "still open, cannot tell: 30 s, then whole",
            arrival: .open,
            writer: .unknown,
            now: 130,
            wanted: .whole
        ),
        Case(
            what: "handed back: not before its time",
            notBefore: 150,
            now: 120,
            wanted: wait(150, .handedBack)
        ),
    ]

    @Test("decides", arguments: cases)
    func decides(_ example: Case) {
        #expect(rule.decide(example.facts, at: .init(seconds: example.now)) == example.wanted)
    }

    @Test("takes what was moved into place at once under ready: rename, and nothing else (W6)")
    func renamed() {
        let rule = SettleRule(ready: .rename, settle: .seconds(2), cautious: .seconds(30))
        var facts = Case(what: "", agree: false, arrival: .moved, now: 0, wanted: .whole).facts
        #expect(rule.decide(facts, at: .init(seconds: 100)) == .whole)
        facts.arrival = .closed
        #expect(rule.decide(facts, at: .init(seconds: 100)) == Self.wait(102))
        facts.arrival = .listed
        #expect(rule.decide(facts, at: .init(seconds: 100)) == Self.wait(102))
    }

    @Test(
        "waits for nothing under settle: 0s once it saw the file closed, and else as it does by itself"
    )
    func atOnce() {
        let rule = SettleRule(ready: .settle, settle: .zero, cautious: .seconds(30))
        func decision(
            _ arrival: Arrival,
            at now: Int64,
            writer: Writer = .none,
            agree: Bool = true
        ) -> SettleRule.Decision {
            let facts = Case(
                what: "",
                agree: agree,
                arrival: arrival,
                writer: writer,
                now: now,
                wanted: .whole
            ).facts
            return rule.decide(facts, at: .init(seconds: now))
        }
        for arrival in [Arrival.closed, .moved] {
            #expect(decision(arrival, at: 100) == .whole)
            // The second look is the one that asks, and comes at once.
            #expect(decision(arrival, at: 100, agree: false) == Self.wait(100))
            #expect(decision(arrival, at: 100, writer: .unknown) == .whole)
        }
        // Another program has it open still: `.whole` would be half of it.
        guard case .wait(_, .writer) = decision(.closed, at: 100, writer: .some) else {
            return #expect(Bool(false))
        }
        #expect(decision(.made, at: 101) == Self.wait(102))
        #expect(decision(.listed, at: 101) == Self.wait(130, .found))
        #expect(decision(.open, at: 101) == Self.wait(130, .found))
    }

    @Test("waits for a writer twice as long each time, up to a minute")
    func pauses() {
        #expect((0..<8).map { rule.pause(after: $0).seconds } == [2, 4, 8, 16, 32, 60, 60, 60])
    }
}
