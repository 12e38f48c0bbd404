/// The files of the page as they lie in this folder, embedded in the program.
///
/// A target of its own, because the compiler takes its time over bytes: half a minute for 200 KB.
package enum PageFiles {
  /// One file.
  package struct File: Sendable {
    /// Where it lies in the folder.
    package let path: String
    package let bytes: [UInt8]

    package init(_ path: String, _ bytes: [UInt8]) {
      (self.path, self.bytes) = (path, bytes)
    }
  }

  /// Every file; a test compares the list with the folder.
  package static let all = [
    File("index.html", PackageResources.index_html),
    File("style.css", PackageResources.style_css),
    File("icon.svg", PackageResources.icon_svg),
    File("texts/de.json", PackageResources.de_json),
    File("texts/en.json", PackageResources.en_json),
    File("js/admit.js", PackageResources.admit_js),
    File("js/banner.js", PackageResources.banner_js),
    File("js/bus.js", PackageResources.bus_js),
    File("js/composer.js", PackageResources.composer_js),
    File("js/controls.js", PackageResources.controls_js),
    File("js/conversation.js", PackageResources.conversation_js),
    File("js/delivery.js", PackageResources.delivery_js),
    File("js/dialog.js", PackageResources.dialog_js),
    File("js/doctor.js", PackageResources.doctor_js),
    File("js/dom.js", PackageResources.dom_js),
    File("js/doors.js", PackageResources.doors_js),
    File("js/drafts.js", PackageResources.drafts_js),
    File("js/early.js", PackageResources.early_js),
    File("js/edges.js", PackageResources.edges_js),
    File("js/emoji.js", PackageResources.emoji_js),
    File("js/events.js", PackageResources.events_js),
    File("js/group.js", PackageResources.group_js),
    File("js/i18n.js", PackageResources.i18n_js),
    File("js/icons.js", PackageResources.icons_js),
    File("js/list.js", PackageResources.list_js),
    File("js/live.js", PackageResources.live_js),
    File("js/main.js", PackageResources.main_js),
    File("js/members.js", PackageResources.members_js),
    File("js/mentions.js", PackageResources.mentions_js),
    File("js/message.js", PackageResources.message_js),
    File("js/more.js", PackageResources.more_js),
    File("js/names.js", PackageResources.names_js),
    File("js/newgroup.js", PackageResources.newgroup_js),
    File("js/news.js", PackageResources.news_js),
    File("js/notify.js", PackageResources.notify_js),
    File("js/outbox.js", PackageResources.outbox_js),
    File("js/page.js", PackageResources.page_js),
    File("js/people.js", PackageResources.people_js),
    File("js/presence.js", PackageResources.presence_js),
    File("js/press.js", PackageResources.press_js),
    File("js/reactions.js", PackageResources.reactions_js),
    File("js/reading.js", PackageResources.reading_js),
    File("js/recovery.js", PackageResources.recovery_js),
    File("js/remove.js", PackageResources.remove_js),
    File("js/rpc.js", PackageResources.rpc_js),
    File("js/rows.js", PackageResources.rows_js),
    File("js/say.js", PackageResources.say_js),
    File("js/scroller.js", PackageResources.scroller_js),
    File("js/session.js", PackageResources.session_js),
    File("js/settings.js", PackageResources.settings_js),
    File("js/shell.js", PackageResources.shell_js),
    File("js/start.js", PackageResources.start_js),
    File("js/state.js", PackageResources.state_js),
    File("js/stored.js", PackageResources.stored_js),
    File("js/text.js", PackageResources.text_js),
    File("js/theme.js", PackageResources.theme_js),
    File("js/tickets.js", PackageResources.tickets_js),
    File("js/timeline.js", PackageResources.timeline_js),
    File("js/times.js", PackageResources.times_js),
  ]
}
