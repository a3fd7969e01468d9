import Crypto
import SwiftletGround

/// One file of the web page, as the binary carries it.
struct WebFile: Sendable {
    /// Its name below `/ui/`.
    let name: String
    let bytes: [UInt8]
    let type: String
    /// A strong validator: the beginning of the content's SHA-256.
    let entityTag: String

    init(_ name: String, _ bytes: [UInt8]) {
        (self.name, self.bytes) = (name, bytes)
        type =
            switch name.split(separator: ".").last {
            case "html": "text/html; charset=utf-8"
            case "css": "text/css; charset=utf-8"
            case "js": "text/javascript; charset=utf-8"
            case "svg": "image/svg+xml"
            default: "application/octet-stream"
            }
        entityTag = "\"\(SHA256.hash(data: bytes).prefix(16).hexadecimal)\""
    }

    /// Whether a client that has what `If-None-Match` names has this already (RFC 9110, 13.1.2: weak comparison).
    func matches(_ condition: String) -> Bool {
        condition.split(separator: ",").contains { item in
            let tag = item.trimmingPrefix(while: \.isWhitespace)
            let strong = tag.hasPrefix("W/") ? tag.dropFirst(2) : tag
            return strong.prefix { !$0.isWhitespace } == entityTag || strong == "*"
        }
    }
}

extension WebFile {
    /// All files of Sources/SwiftletServer/Web; a test compares the table with the folder.
    static let all: [String: WebFile] = {
        let files = [
            WebFile("index.html", PackageResources.index_html), WebFile("icon.svg", PackageResources.icon_svg),
            WebFile("base.css", PackageResources.base_css), WebFile("layout.css", PackageResources.layout_css),
            WebFile("messages.css", PackageResources.messages_css), WebFile("models.css", PackageResources.models_css),
            WebFile("answers.js", PackageResources.answers_js), WebFile("api.js", PackageResources.api_js),
            WebFile("app.js", PackageResources.app_js), WebFile("blocks.js", PackageResources.blocks_js),
            WebFile("chat.js", PackageResources.chat_js), WebFile("composer.js", PackageResources.composer_js),
            WebFile("conversation.js", PackageResources.conversation_js),
            WebFile("dialogs.js", PackageResources.dialogs_js), WebFile("dom.js", PackageResources.dom_js),
            WebFile("exchange.js", PackageResources.exchange_js), WebFile("inline.js", PackageResources.inline_js),
            WebFile("markdown.js", PackageResources.markdown_js), WebFile("message.js", PackageResources.message_js),
            WebFile("modellist.js", PackageResources.modellist_js), WebFile("models.js", PackageResources.models_js),
            WebFile("pulls.js", PackageResources.pulls_js), WebFile("scrolling.js", PackageResources.scrolling_js),
            WebFile("settings.js", PackageResources.settings_js), WebFile("sidebar.js", PackageResources.sidebar_js),
            WebFile("store.js", PackageResources.store_js), WebFile("theme.js", PackageResources.theme_js),
        ]
        return Dictionary(uniqueKeysWithValues: files.map { ($0.name, $0) })
    }()
}
