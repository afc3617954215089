// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

@Suite("A job after a step (Q3)")
struct JobAfterTests {
    private let now = Timestamp(seconds: 1_800_000_000)
    private let policy = RetryPolicy()
    private let unreadable = Failure(.retryFile, code: "unreadable", message: "no permission")
    private let mangled = Failure(.resend, code: "BadDigest", message: "other bytes")

    @Test("goes on to publish once it is uploaded")
    func uploaded() {
        let receipt = Example.receipt
        #expect(after(.uploaded(receipt)) == .publish(receipt))
    }

    @Test("is done once every sink has its link")
    func published() {
        #expect(after(.published) == .done)
    }

    @Test("is dropped when the file changed or went away")
    func sourceGone() {
        #expect(after(.changed) == .dropped(.superseded))
        #expect(after(.vanished) == .dropped(.vanished))
    }

    @Test("takes the next key where its own is taken and the template says so, else needs a person")
    func keyTaken() {
        let failure = Failure(.giveUp, code: "key-exists", message: "taken")
        var job = Example.job
        job.key = ObjectKey("r/a.pdf")
        func after(_ job: Job) -> Transition {
            job.after(.keyTaken(failure), policy: policy, at: now, jitter: 0)
        }
        for onExists in OnExists.allCases where onExists != .rename {
            job.template.onExists = onExists
            #expect(after(job) == .dead(failure))
        }
        job.template.onExists = .rename
        #expect(after(job) == .rename(ObjectKey("r/a~2.pdf"), orElse: failure))
        job.key = ObjectKey("r/a~100.pdf")
        #expect(after(job) == .dead(failure))
    }

    @Test(
        "waits after a bad moment, at most twice as long each time, up to an hour",
        arguments: [(0, 5), (1, 10), (2, 20), (9, 2_560), (10, 3_600), (500, 3_600)]
    )
    func backoff(attempts: Int, longest: Int64) {
        let failure = Failure(.retry, code: "network", message: "no route")
        let expected = Transition.wait(
            due: now + .seconds(longest),
            attempts: attempts + 1,
            failure
        )
        #expect(after(.failed(failure), attempts: attempts, jitter: 1) == expected)
    }

    @Test("comes back at a random moment of its wait, so that jobs do not come back together")
    func jitter() {
        let failure = Failure(.retry, code: "network", message: "no route")
        let half = after(.failed(failure), attempts: 1, jitter: 0.5)
        #expect(half == .wait(due: now + .seconds(5), attempts: 2, failure))
        let none = after(.failed(failure), attempts: 1, jitter: 0)
        #expect(none == .wait(due: now, attempts: 2, failure))
    }

    @Test("waits at least as long as a throttling store asks")
    func throttled() {
        let failure = Failure(.throttle(after: .seconds(30)), code: "SlowDown", message: "less")
        let expected = Transition.wait(due: now + .seconds(30), attempts: 1, failure)
        #expect(after(.failed(failure), jitter: 0.1) == expected)
    }

    @Test("never dies of an outage, however often it was tried")
    func outage() {
        let failure = Failure(.retry, code: "network", message: "no route")
        guard case .wait = after(.failed(failure), attempts: 100_000) else {
            Issue.record("an outage ended the job")
            return
        }
    }

    @Test("needs a person after twelve tries that failed because of the file itself")
    func fileTrouble() {
        let last = after(.failed(unreadable), tries: FileTries(reads: 10, digests: 2))
        let due = now + .seconds(1_800)
        let counted = FileTries(reads: 11, digests: 2)
        #expect(last == .waitForFile(due: due, counted, unreadable))
        let dead = after(.failed(unreadable), tries: FileTries(reads: 11))
        #expect(dead == .dead(unreadable))
    }

    @Test("needs a person after it arrived three times as other bytes than were sent")
    func digestTrouble() {
        let last = after(.failed(mangled), tries: FileTries(reads: 11, digests: 1))
        let counted = FileTries(reads: 11, digests: 2)
        #expect(last == .waitForFile(due: now + .seconds(5), counted, mangled))
        let dead = after(.failed(mangled), tries: FileTries(digests: 2))
        #expect(dead == .dead(mangled))
    }

    @Test(
        "Q3: has as many tries for its file, and waits no longer, however many outages there were"
    )
    func countedApart() {
        for failure in [unreadable, mangled] {
            let first = after(.failed(failure), attempts: 11)
            #expect(first == after(.failed(failure), attempts: 0))
            guard case .waitForFile = first else {
                Issue.record("outages made the first \(failure.code) fatal")
                return
            }
        }
        let outage = Failure(.retry, code: "network", message: "no route")
        let expected = Transition.wait(due: now + .milliseconds(2_500), attempts: 1, outage)
        #expect(after(.failed(outage), tries: FileTries(reads: 11, digests: 2)) == expected)
    }

    @Test("loses no try when its store is parked")
    func parked() {
        let failure = Failure(.parkStore, code: "NoSuchBucket", message: "create it")
        #expect(after(.failed(failure), attempts: 3) == .wait(due: now, attempts: 3, failure))
    }

    @Test("is looked at again in an hour when only a change of the set-up helps")
    func held() {
        let failure = Failure(.hold, code: "too-large", message: "needs multipart")
        let expected = Transition.wait(due: now + .seconds(3_600), attempts: 0, failure)
        #expect(after(.failed(failure)) == expected)
    }

    @Test("needs a person at once when a person has to decide")
    func givenUp() {
        let failure = Failure(.giveUp, code: "EntityTooLarge", message: "split it")
        #expect(after(.failed(failure)) == .dead(failure))
    }

    private func after(
        _ outcome: Outcome,
        attempts: Int = 0,
        tries: FileTries = FileTries(),
        jitter: Double = 0.5
    ) -> Transition {
        var job = Example.job
        job.attempts = attempts
        job.fileTries = tries
        return job.after(outcome, policy: policy, at: now, jitter: jitter)
    }
}
