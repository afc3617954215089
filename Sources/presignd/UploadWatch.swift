// SPDX-License-Identifier: Apache-2.0

import Control
import Jobs

/// Follows an upload to its end and tells how it goes.
struct UploadWatch {
    private let style: ProgressStyle
    /// Links and drawing go to one terminal: links are printed when it is drawn, not more often.
    private let isMixed: Bool
    private var tally: UploadTally
    private var links: [String] = []
    private var next: Span

    /// Follows an upload; when that fails, or is cancelled, what was told last is how far it came.
    ///
    /// - Parameters:
    ///   - ticket: The upload.
    ///   - operations: Who does it.
    ///   - style: What to tell.
    /// - Returns: What came of it.
    /// - Throws: What `operations` throw; `CancellationError`.
    static func follow(
        _ ticket: UploadTicket,
        of operations: any Operations,
        _ style: ProgressStyle
    ) async throws -> UploadTally {
        if style == .live { Continuation.listen() }
        var watch = UploadWatch(ticket, style)
        let clock = ContinuousClock()
        let begun = clock.now
        var seen = 0
        do {
            while true {
                let progress = try await operations.progress(
                    ProgressQuery(upload: ticket.upload, after: seen, interval: style.pause)
                )
                seen += progress.results.count
                try watch.tell(progress, at: Span(clock.now - begun))
                if progress.isComplete { break }
            }
        } catch {
            try? watch.end(isWhole: false)
            throw error
        }
        try watch.end(isWhole: true)
        return watch.tally
    }

    private init(_ ticket: UploadTicket, _ style: ProgressStyle) {
        self.style = style
        isMixed = style == .live && Terminal.isOutputOnScreen
        tally = UploadTally(files: ticket.files)
        // The first drawing is due at once.
        next = style == .live ? .zero : .milliseconds(Int64(style.pause ?? 0))
    }

    private mutating func tell(_ progress: UploadProgress, at moment: Span) throws {
        tally.take(progress, at: moment)
        let results = progress.results
        if style == .json {
            let events = try results.map { try Self.json("\($0.meaning)", $0) }
            if !events.isEmpty { Terminal.say(events.joined(separator: "\n")) }
        } else {
            links += results.compactMap { $0.meaning == .done ? $0.url : nil }
            if !isMixed { printLinks() }
        }
        for line in results.compactMap({ UploadLines.line($0, style) }) { Terminal.complain(line) }
        if let pause = style.pause, !progress.isComplete, moment >= next {
            next = Span(nanoseconds: moment.nanoseconds + Int64(pause) * 1_000_000)
            try tellHowFar()
        }
    }

    private mutating func tellHowFar() throws {
        switch style {
        case .live:
            let (width, height) = Terminal.size()
            printLinks()
            Terminal.show(UploadFrame(width: width, height: height).lines(tally))
        case .plain: Terminal.complain(UploadLines.sum(tally))
        case .json: Terminal.say(try Self.json("progress", UploadSums.progress(tally)))
        case .problems, .quiet: break
        }
    }

    private mutating func end(isWhole: Bool) throws {
        if style == .live { Terminal.show([]) }
        printLinks()
        switch style {
        case .live, .plain: if isWhole { Terminal.complain(UploadLines.end(tally)) }
        case .json:
            let sums = UploadSums.summary(tally, isWhole: isWhole)
            Terminal.say(try Self.json("summary", sums))
        case .problems, .quiet: break
        }
    }

    private mutating func printLinks() {
        if !links.isEmpty { Terminal.say(links.joined(separator: "\n")) }
        links = []
    }

    private static func json(_ event: String, _ body: some Encodable) throws -> String {
        try JSONText.line(UploadEvent(event, body))
    }
}

extension Span {
    /// The same length of time, at most 292 years.
    fileprivate init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self.init(nanoseconds: seconds &* 1_000_000_000 &+ attoseconds / 1_000_000_000)
    }
}
