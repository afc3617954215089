// SPDX-License-Identifier: Apache-2.0

/// One file in `jobs/`: watch this folder, send to that store under this key, link so, publish there.
public struct Template: Hashable, Sendable, Codable {
    /// Its name; part of every file's identity.
    public var name: String
    /// The watched folder, absolute.
    public var watch: String
    /// The name of the store.
    public var store: String
    /// How an object's key is made.
    public var key: KeyTemplate
    /// What tells that a file is whole.
    public var ready: Ready
    /// How long a file must be unchanged under `Ready.settle`; nothing, the default, is `auto`: as
    /// long as what is known of the file asks for.
    ///
    /// Zero: not at all where it was seen to be closed or moved into place.
    public var settle: Span?
    /// How the folder is watched.
    public var watching: WatchSettings
    /// What becomes of the source once its link is published; default `keep`.
    public var after: AfterUpload
    /// What to do with files that are there when the template is first started; default `process`.
    public var onStart: OnStart
    /// What to do when the key is taken in the store; default `fail`.
    public var onExists: OnExists
    /// What to do with a name that is no good text; default `percent`.
    public var badName: BadName
    /// Which files are taken.
    public var filter = FileFilter()
    /// What is stored on the object besides its bytes.
    public var object: ObjectSettings
    /// The link.
    public var link: LinkSettings
    /// The names of the sinks its link events go to.
    public var publish: [String]
    /// How its files wait.
    public var queueing = Queueing()
    /// What becomes of its objects later on.
    public var retention = Retention()
    /// Whether the files of a dropped folder are published together; default no.
    public var group: GroupRule?

    /// Makes a template; every default is the one the documentation names.
    public init(
        name: String,
        watch: String,
        store: String,
        key: KeyTemplate,
        ready: Ready = .settle,
        settle: Span? = nil,
        watching: WatchSettings = WatchSettings(),
        after: AfterUpload = .keep,
        onStart: OnStart = .process,
        onExists: OnExists = .fail,
        badName: BadName = .percent,
        object: ObjectSettings = ObjectSettings(),
        link: LinkSettings = LinkSettings(),
        publish: [String]
    ) {
        self.name = name
        self.watch = watch
        self.store = store
        self.key = key
        self.ready = ready
        self.settle = settle
        self.watching = watching
        self.after = after
        self.onStart = onStart
        self.onExists = onExists
        self.badName = badName
        self.object = object
        self.link = link
        self.publish = publish
    }
}

/// What becomes of a source file once its upload is proven and its link published.
public enum AfterUpload: Hashable, Sendable, Codable {
    /// It stays.
    case keep
    /// It is unlinked.
    case delete
    /// It is moved into this folder (absolute, on the same file system).
    case archive(String)
}

/// What to do with files that are there when a template is started for the first time.
///
/// The choice is made once per template and root and then remembered: a restart never replays it,
/// and files that came while presignd was down are always processed.
public enum OnStart: Hashable, Sendable, Codable {
    /// They are uploaded.
    case process
    /// They are taken as known and left alone until they change.
    case skip
    /// Those modified less than this long ago are uploaded, the others left alone.
    case newerThan(Span)
}

/// What to do when the key is taken in the store.
public enum OnExists: String, Hashable, Sendable, Codable, CaseIterable {
    /// The upload is refused by the store (`If-None-Match: *`) and the job says so.
    case fail
    /// The object is replaced.
    case overwrite
    /// Another key is taken: `a~2.pdf`, `a~3.pdf` and so on.
    case rename
    /// An object with the same bytes is taken for the upload; with others it is as under `fail`.
    case skipIfSame = "skip-if-same"
}

/// What to do with a name that is no good text (see `NameText`).
public enum BadName: String, Hashable, Sendable, Codable, CaseIterable {
    /// The bytes that are no good text become `%XX` text in the key.
    case percent
    /// The job waits, and is shown.
    case hold
}

/// How links are made.
public struct LinkSettings: Hashable, Sendable, Codable {
    /// How long a link is to work; default 24 h.
    public var expiresIn: Span
    /// What `Content-Disposition` is stored on the object; default `attachment`.
    public var disposition: Disposition
    /// Whether a link is fetched before it is published; default `each`.
    public var prove: Prove
    /// For how long links are renewed before they end; default not at all.
    public var renewUntil: RenewUntil?
    /// A link that would end sooner, because its key does, is not published; default none.
    public var minLifetime: Span?

    /// Makes link settings.
    public init(
        expiresIn: Span = .seconds(86_400),
        disposition: Disposition = .attachment,
        prove: Prove = .each
    ) {
        self.expiresIn = expiresIn
        self.disposition = disposition
        self.prove = prove
    }
}

/// What a browser should do with a linked file.
public enum Disposition: String, Hashable, Sendable, Codable, CaseIterable {
    /// Save it under its own name; active content cannot run.
    case attachment
    /// Show it if it can.
    case inline
}

/// Whether a link is fetched before it is published.
public enum Prove: String, Hashable, Sendable, Codable, CaseIterable {
    /// Each link is fetched once (`Range: bytes=0-0`).
    case each
    /// The first link by each key of a store is, then one a minute (`ProofSampler`).
    case sampled
    /// Links are published as signed.
    case off
}
