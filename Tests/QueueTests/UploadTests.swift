// SPDX-License-Identifier: Apache-2.0
import Jobs
import Testing

@testable import Queue

@Suite("An upload in parts, in the queue (U2, U9)")
struct UploadTests {
    private let part = UploadedPart(etag: "e1", crc64nvme: .max - 7, integrity: .signed)

    private func upload(_ job: Job, id: String?) -> PartUpload {
        PartUpload(id: id, key: job.key, partSize: 8 << 20, isChecked: true)
    }

    @Test("is there after a crash, with the parts that were finished")
    func resumed() async throws {
        let fixture = try Fixture()
        let job = try await fixture.queued("a")
        #expect(try await fixture.queue.upload(of: job.id) == nil)
        try await fixture.queue.save(upload(job, id: nil), of: job)
        #expect(try await fixture.queue.upload(of: job.id) == upload(job, id: nil))
        try await fixture.queue.save(upload(job, id: "u"), of: job)
        try await fixture.queue.save(part, number: 3, of: job.id)
        let after = try fixture.folder.copy()
        let queue = try after.open()
        var expected = upload(job, id: "u")
        expected.parts = [3: part]
        #expect(try await queue.upload(of: job.id) == expected)
        #expect(try await queue.staleUploads(9, at: start).isEmpty)
    }

    @Test("is forgotten once there is a receipt: it was completed")
    func completed() async throws {
        let fixture = try Fixture()
        let job = try await fixture.queued("a")
        try await fixture.queue.save(upload(job, id: "u"), of: job)
        try await fixture.queue.save(part, number: 1, of: job.id)
        try await fixture.queue.record(.publish(.sample()), of: job, at: start)
        #expect(try await fixture.queue.upload(of: job.id) == nil)
        #expect(try await fixture.queue.hasNoStaleUploads())
    }

    @Test(
        "is stale when its job ends without one",
        arguments: [
            Transition.dropped(.vanished), .dropped(.superseded),
            .dead(Failure(.giveUp, code: "c", message: "m")),
        ]
    )
    func left(transition: Transition) async throws {
        let fixture = try Fixture()
        let job = try await fixture.queued("a")
        try await fixture.queue.save(upload(job, id: "u"), of: job)
        try await fixture.queue.save(part, number: 1, of: job.id)
        try await fixture.queue.record(transition, of: job, at: start)
        #expect(try await fixture.queue.upload(of: job.id) == nil)
        let stale = try #require(try await fixture.queue.staleUploads(9, at: start).first)
        #expect(stale.id == "u" && stale.key == job.key && stale.store == job.template.store)
    }

    @Test("is stale when another takes its place, or newer content takes the job's")
    func replaced() async throws {
        let fixture = try Fixture()
        let queue = fixture.queue
        let job = try await fixture.queued("a")
        try await queue.save(upload(job, id: "u"), of: job)
        try await queue.save(part, number: 1, of: job.id)
        try await queue.save(upload(job, id: nil), of: job)
        #expect(try await queue.upload(of: job.id)?.parts.isEmpty == true)
        try await queue.save(upload(job, id: "v"), of: job)
        #expect(try await queue.staleUploads(9, at: start).map(\.id) == ["u"])
        try await fixture.queued("a", stamp: .sample(size: 99))
        #expect(Set(try await queue.staleUploads(9, at: start).map(\.id)) == ["u", "v"])
    }

    @Test("stays stale until its store has confirmed, later each time")
    func confirmed() async throws {
        let fixture = try Fixture()
        let queue = fixture.queue
        let job = try await fixture.queued("a")
        try await queue.addStray(job.key, store: job.template.store, at: start)
        let stray = try #require(try await queue.staleUploads(9, at: start).first)
        #expect(stray.id == nil)
        try await queue.postponeStale(stray, until: start + .seconds(60))
        #expect(try await queue.staleUploads(9, at: start).isEmpty)
        let again = try #require(try await queue.staleUploads(9, at: start + .seconds(60)).first)
        #expect(again.attempts == 1)
        #expect(try await queue.hasNoStaleUploads() == false)
        try await queue.removeStale(again)
        #expect(try await queue.hasNoStaleUploads())
    }

    @Test("is one for each key, and stays when more was begun while it was looked at")
    func strays() async throws {
        let fixture = try Fixture()
        let queue = fixture.queue
        let job = try await fixture.queued("a")
        let store = job.template.store
        try await queue.addStray(job.key, store: store, at: start)
        let first = try #require(try await queue.staleUploads(9, at: start).first)
        let later = start + .seconds(1)
        try await queue.addStray(job.key, store: store, at: later)
        try await queue.removeStale(first)
        let left = try await queue.staleUploads(9, at: later)
        #expect(left.count == 1)
        for upload in left { try await queue.removeStale(upload) }
        #expect(try await queue.hasNoStaleUploads())
    }

    @Test("tells which ids are in use, unless one is just beginning")
    func live() async throws {
        let fixture = try Fixture()
        let job = try await fixture.queued("a")
        let store = job.template.store
        #expect(try await fixture.queue.liveUploads(of: job.key, store: store) == [])
        try await fixture.queue.save(upload(job, id: nil), of: job)
        #expect(try await fixture.queue.liveUploads(of: job.key, store: store) == nil)
        try await fixture.queue.save(upload(job, id: "u"), of: job)
        #expect(try await fixture.queue.liveUploads(of: job.key, store: store) == ["u"])
    }
}
