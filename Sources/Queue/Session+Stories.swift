// SPDX-License-Identifier: Apache-2.0
internal import Jobs

extension Session {
    /// Collects what is known of the file at an absolute path.
    func stories(of path: [UInt8], limit: Int) throws(QueueError) -> [FileStory] {
        var places: [(id: Int64, template: String, root: String)] = []
        try statement(.selectPlaces).each { row in
            places.append((row.int64(0), row.text(1), row.text(2)))
        }
        var stories: [FileStory] = []
        for place in places {
            guard let name = Self.name(of: path, beneath: place.root) else { continue }
            let filter = JobFilter(template: place.template, name: name)
            let jobs = try records(filter, limit: limit).filter { $0.job.file.root == place.root }
            let handled = try handled(name, place: place.id)
            guard handled != nil || !jobs.isEmpty else { continue }
            var links: [Link] = []
            for record in jobs { links += try self.links(of: record.job.id) }
            stories.append(
                FileStory(
                    template: place.template,
                    root: place.root,
                    name: name,
                    handled: handled?.stamp,
                    sha256: handled?.sha256,
                    jobs: jobs,
                    links: links
                )
            )
        }
        return stories
    }

    /// The name beneath a root, or nothing when the path is not beneath it.
    private static func name(of path: [UInt8], beneath root: String) -> FileName? {
        var front = Array(root.utf8)
        if front.last != UInt8(ascii: "/") { front.append(UInt8(ascii: "/")) }
        guard path.count > front.count, path.starts(with: front) else { return nil }
        return FileName(bytes: Array(path[front.count...]))
    }

    /// The links of a job, newest first.
    private func links(of id: UniqueID) throws(QueueError) -> [Link] {
        var links: [Link] = []
        let select = try statement(.selectLinksOfJob)
        select.bind(1, id)
        try select.each { (row) throws(QueueError) in links.append(try link(from: row)) }
        return links
    }
}

extension SQL {
    /// Whether a job's name is that of a parameter, by way of index `job_path`.
    static func isNamed(_ parameter: Int) -> String {
        "name_hash(job.name) = name_hash(?\(parameter)) AND job.name = ?\(parameter)"
    }

    fileprivate static let selectPlaces = SQL(
        "SELECT id, template, root FROM place ORDER BY template, root"
    )
    fileprivate static let selectLinksOfJob = SQL(
        "SELECT \(linkColumns) FROM link WHERE job = ?1 ORDER BY revision DESC"
    )
}
