// SPDX-License-Identifier: Apache-2.0
internal import FoundationEssentials
internal import Glibc
internal import Jobs

/// What small tables hold, so that a name becomes a number without a query.
///
/// Names are compared by their bytes: `String` calls NFC and NFD equal, and two folders whose names
/// differ in just that are two.
struct Names {
    var places: [[UInt8]: Int64] = [:]
    var roots: [Int64: String] = [:]
    var latestPlace: LatestPlace?
    var stores: [String: Int64] = [:]
    var allStoresKnown = false
    var sinks: [String: Int64] = [:]
    var latestTemplate: (template: Shared<Template>, id: Int64)?
    var templateIDs: [Shared<Template>: Int64] = [:]
    var templates: [Int64: Shared<Template>] = [:]
    var lanes: [Lane: Int64]?
    var latestLane: LatestLane?
    var pauses: [Pause]?
    var arrivals: [String: Arrivals] = [:]
}

/// The place that was asked for last, since files come in heaps from one folder.
struct LatestPlace {
    var template: String
    var root: String
    var id: Int64

    /// The number, if this is the place.
    func id(ofTemplate template: String, root: String) -> Int64? {
        self.template.hasBytes(of: template) && self.root.hasBytes(of: root) ? id : nil
    }
}

extension Session {
    // MARK: Places

    /// The number of a template's root; made at first use.
    func place(template: String, root: String) throws(QueueError) -> Int64 {
        if let id = try knownPlace(template: template, root: root) { return id }
        let insert = try statement(.insertPlace)
        insert.bind(1, template)
        insert.bind(2, root)
        try insert.run()
        guard let id = try knownPlace(template: template, root: root) else {
            throw damage("a place cannot be found after it was stored")
        }
        return id
    }

    /// The number of a template's root, if it has one.
    func knownPlace(template: String, root: String) throws(QueueError) -> Int64? {
        if let id = names.latestPlace?.id(ofTemplate: template, root: root) { return id }
        let key = Array(template.utf8) + [0] + Array(root.utf8)
        if names.places[key] == nil {
            let select = try statement(.selectPlace)
            select.bind(1, template)
            select.bind(2, root)
            names.places[key] = try select.one { row in row.int64(0) }
        }
        guard let id = names.places[key] else { return nil }
        names.latestPlace = LatestPlace(template: template, root: root, id: id)
        return id
    }

    /// The root of a place.
    func root(ofPlace id: Int64) throws(QueueError) -> String {
        if let root = names.roots[id] { return root }
        let select = try statement(.selectRoot)
        select.bind(1, id)
        guard let root = try select.one({ row in row.text(0) }) else {
            throw damage("place \(id) is missing")
        }
        names.roots[id] = root
        return root
    }

    // MARK: Stores and sinks

    /// The number of a store; made at first use.
    func store(_ name: String) throws(QueueError) -> Int64 {
        if let id = try stores()[name] { return id }
        let insert = try statement(.insertStore)
        insert.bind(1, name)
        try insert.run()
        names.allStoresKnown = false
        guard let id = try stores()[name] else {
            throw damage("store \(name) cannot be found after it was stored")
        }
        return id
    }

    /// Every store that a job was ever queued for.
    func stores() throws(QueueError) -> [String: Int64] {
        guard !names.allStoresKnown else { return names.stores }
        var found: [String: Int64] = [:]
        try statement(.selectStores).each { row in found[row.text(0)] = row.int64(1) }
        names.stores = found
        names.allStoresKnown = true
        return found
    }

    /// The number of a sink; made at first use.
    func sink(_ name: String) throws(QueueError) -> Int64 {
        if let id = names.sinks[name] { return id }
        let insert = try statement(.insertSink)
        insert.bind(1, name)
        try insert.run()
        let select = try statement(.selectSink)
        select.bind(1, name)
        guard let id = try select.one({ row in row.int64(0) }) else {
            throw damage("sink \(name) cannot be found after it was stored")
        }
        names.sinks[name] = id
        return id
    }

    // MARK: Template snapshots

    /// The number of a template as it stands; equal templates share one row.
    func snapshot(_ template: Shared<Template>) throws(QueueError) -> Int64 {
        // Comparing one template costs less than hashing it.
        if let latest = names.latestTemplate, latest.template == template { return latest.id }
        if let id = names.templateIDs[template] {
            names.latestTemplate = (template, id)
            return id
        }
        let body = try encode(template.value)
        let insert = try statement(.insertTemplate)
        insert.bind(1, template.value.name)
        insert.bind(2, body)
        try insert.run()
        let select = try statement(.selectTemplateID)
        select.bind(1, body)
        guard let id = try select.one({ row in row.int64(0) }) else {
            throw damage("template \(template.value.name) cannot be found after it was stored")
        }
        names.templateIDs[template] = id
        names.templates[id] = template
        return id
    }

    /// The template of a number.
    func template(_ id: Int64) throws(QueueError) -> Shared<Template> {
        if let template = names.templates[id] { return template }
        let select = try statement(.selectTemplate)
        select.bind(1, id)
        guard let body = try select.one({ row in row.text(0) }) else {
            throw damage("template snapshot \(id) is missing")
        }
        do {
            let template = Shared(try JSONDecoder().decode(Template.self, from: Data(body.utf8)))
            names.templates[id] = template
            return template
        } catch {
            throw damage("template snapshot \(id) cannot be read: \(error)")
        }
    }

    private func encode(_ template: Template) throws(QueueError) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return String(decoding: try encoder.encode(template), as: UTF8.self)
        } catch {
            throw .refused(reason: "template \(template.name) cannot be written: \(error)")
        }
    }
}

extension String {
    /// Whether two texts are the same bytes, which `==` does not ask.
    fileprivate func hasBytes(of other: String) -> Bool {
        var (mine, other) = (self, other)
        return mine.withUTF8 { mine in
            other.withUTF8 { other in
                guard mine.count == other.count, let a = mine.baseAddress, let b = other.baseAddress
                else { return mine.count == other.count }
                return unsafe memcmp(a, b, mine.count) == 0
            }
        }
    }
}

extension SQL {
    fileprivate static let selectPlace = SQL(
        "SELECT id FROM place WHERE template = ?1 AND root = ?2"
    )
    fileprivate static let insertPlace = SQL("INSERT INTO place (template, root) VALUES (?1, ?2)")
    fileprivate static let selectRoot = SQL("SELECT root FROM place WHERE id = ?1")
    fileprivate static let selectStores = SQL("SELECT name, id FROM store")
    fileprivate static let insertStore = SQL("INSERT INTO store (name) VALUES (?1)")
    fileprivate static let selectSink = SQL("SELECT id FROM sink WHERE name = ?1")
    fileprivate static let insertSink = SQL(
        "INSERT INTO sink (name, seq) VALUES (?1, 0) ON CONFLICT DO NOTHING"
    )
    fileprivate static let selectTemplate = SQL("SELECT body FROM template WHERE id = ?1")
    fileprivate static let selectTemplateID = SQL("SELECT id FROM template WHERE body = ?1")
    fileprivate static let insertTemplate = SQL(
        "INSERT INTO template (name, body) VALUES (?1, ?2) ON CONFLICT DO NOTHING"
    )
}
