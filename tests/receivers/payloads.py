"""Sample payloads in the platforms' documented shapes, with invented values."""

# docs.slack.dev/apis/events-api and docs.slack.dev/reference/events/message
SLACK = {
    "url_verification": {
        "token": "x",
        "challenge": "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P",
        "type": "url_verification",
    },
    "message": {
        "token": "x",
        "team_id": "T1",
        "api_app_id": "A1",
        "type": "event_callback",
        "event_id": "Ev1",
        "event_time": 1700000000,
        "is_ext_shared_channel": False,
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": "T1",
                "user_id": "U9",
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "event": {
            "type": "message",
            "client_msg_id": "c1",
            "team": "T1",
            "channel": "C1",
            "channel_type": "channel",
            "user": "U1",
            "text": "Goal &lt;3 *Ajax* :tada: <https://a.example/?x=1&amp;y=2|report>",
            "ts": "1700000000.000100",
            "event_ts": "1700000000.000100",
            "blocks": [
                {
                    "type": "rich_text",
                    "block_id": "b1",
                    "elements": [
                        {
                            "type": "rich_text_section",
                            "elements": [
                                {"type": "text", "text": "Goal <3 "},
                                {
                                    "type": "text",
                                    "text": "Ajax",
                                    "style": {"bold": True},
                                },
                                {"type": "text", "text": " "},
                                {"type": "emoji", "name": "tada", "unicode": "1f389"},
                                {"type": "text", "text": " "},
                                {
                                    "type": "link",
                                    "url": "https://a.example/?x=1&y=2",
                                    "text": "report",
                                },
                            ],
                        }
                    ],
                }
            ],
        },
    },
    "message_changed": {
        "type": "event_callback",
        "team_id": "T1",
        "event_id": "Ev2",
        "event_time": 1700000060,
        "event": {
            "type": "message",
            "subtype": "message_changed",
            "hidden": True,
            "channel": "C1",
            "channel_type": "channel",
            "ts": "1700000060.000200",
            "event_ts": "1700000060.000200",
            "message": {
                "client_msg_id": "c1",
                "type": "message",
                "user": "U1",
                "text": "Goal!",
                "ts": "1700000000.000100",
                "edited": {"user": "U1", "ts": "1700000060.000000"},
            },
            "previous_message": {
                "client_msg_id": "c1",
                "type": "message",
                "user": "U1",
                "text": "Goal",
                "ts": "1700000000.000100",
            },
        },
    },
    "message_changed_unfurl_no_edited_key": {
        "type": "event_callback",
        "team_id": "T1",
        "event_id": "Ev3",
        "event": {
            "type": "message",
            "subtype": "message_changed",
            "hidden": True,
            "channel": "C1",
            "ts": "1700000001.000300",
            "event_ts": "1700000001.000300",
            "message": {
                "type": "message",
                "user": "U1",
                "text": "<https://a.example/>",
                "ts": "1700000000.000100",
                "attachments": [{"title": "unfurled"}],
            },
            "previous_message": {
                "type": "message",
                "user": "U1",
                "text": "<https://a.example/>",
                "ts": "1700000000.000100",
            },
        },
    },
    "message_changed_tombstone": {
        "type": "event_callback",
        "team_id": "T1",
        "event_id": "Ev4",
        "event": {
            "type": "message",
            "subtype": "message_changed",
            "hidden": True,
            "channel": "C1",
            "ts": "1700000090.000400",
            "event_ts": "1700000090.000400",
            "message": {
                "type": "message",
                "subtype": "tombstone",
                "user": "USLACKBOT",
                "hidden": True,
                "text": "This message was deleted.",
                "ts": "1700000000.000100",
                "thread_ts": "1700000000.000100",
                "reply_count": 1,
            },
            "previous_message": {
                "type": "message",
                "user": "U1",
                "text": "Goal!",
                "ts": "1700000000.000100",
            },
        },
    },
    "message_deleted": {
        "type": "event_callback",
        "team_id": "T1",
        "event_id": "Ev5",
        "event": {
            "type": "message",
            "subtype": "message_deleted",
            "hidden": True,
            "deleted_ts": "1700000000.000100",
            "channel": "C1",
            "channel_type": "channel",
            "ts": "1700000100.000500",
            "event_ts": "1700000100.000500",
            "previous_message": {
                "type": "message",
                "user": "U1",
                "text": "Goal!",
                "ts": "1700000000.000100",
            },
        },
    },
    "thread_reply": {
        "type": "event_callback",
        "team_id": "T1",
        "event_id": "Ev6",
        "event": {
            "type": "message",
            "channel": "C1",
            "user": "U2",
            "text": "reply",
            "ts": "1700000005.000600",
            "thread_ts": "1700000000.000100",
            "parent_user_id": "U1",
            "event_ts": "1700000005.000600",
        },
    },
    "thread_broadcast": {
        "type": "event_callback",
        "team_id": "T1",
        "event_id": "Ev7",
        "event": {
            "type": "message",
            "subtype": "thread_broadcast",
            "channel": "C1",
            "user": "U2",
            "text": "also to channel",
            "ts": "1700000006.000700",
            "thread_ts": "1700000000.000100",
            "root": {"ts": "1700000000.000100", "reply_count": 1},
            "event_ts": "1700000006.000700",
        },
    },
    "bot_message": {
        "type": "event_callback",
        "team_id": "T1",
        "event_id": "Ev8",
        "event": {
            "type": "message",
            "subtype": "bot_message",
            "bot_id": "B1",
            "username": "feed",
            "channel": "C1",
            "text": "auto",
            "ts": "1700000007.000800",
            "event_ts": "1700000007.000800",
        },
    },
    "app_bot_message_without_subtype": {
        "type": "event_callback",
        "team_id": "T1",
        "event_id": "Ev9",
        "event": {
            "type": "message",
            "bot_id": "B2",
            "app_id": "A1",
            "bot_profile": {"id": "B2", "app_id": "A1", "name": "me"},
            "user": "U9",
            "channel": "C1",
            "text": "own post",
            "ts": "1700000008.000900",
            "event_ts": "1700000008.000900",
        },
    },
    "file_share": {
        "type": "event_callback",
        "team_id": "T1",
        "event_id": "Ev10",
        "event": {
            "type": "message",
            "subtype": "file_share",
            "channel": "C1",
            "user": "U1",
            "text": "pic",
            "ts": "1700000009.001000",
            "event_ts": "1700000009.001000",
            "upload": False,
            "files": [
                {
                    "id": "F1",
                    "name": "a.jpg",
                    "title": "A",
                    "alt_txt": "A goal",
                    "mimetype": "image/jpeg",
                    "filetype": "jpg",
                    "mode": "hosted",
                    "is_external": False,
                    "size": 12345,
                    "url_private": "https://files.slack.com/files-pri/T1-F1/a.jpg",
                    "url_private_download": "https://files.slack.com/files-pri/T1-F1/download/a.jpg",
                    "original_w": 800,
                    "original_h": 600,
                    "image_exif_rotation": 1,
                }
            ],
        },
    },
    "app_rate_limited": {
        "token": "x",
        "type": "app_rate_limited",
        "team_id": "T1",
        "minute_rate_limited": 1518467820,
        "api_app_id": "A1",
    },
    "other_event": {
        "type": "event_callback",
        "team_id": "T1",
        "event_id": "Ev11",
        "event": {
            "type": "reaction_added",
            "user": "U1",
            "reaction": "tada",
            "item": {"type": "message", "channel": "C1", "ts": "1700000000.000100"},
            "event_ts": "1700000011.001100",
        },
    },
    "message_with_file_connect_check_info": {
        "type": "event_callback",
        "team_id": "T1",
        "event_id": "Ev_file_connect_check_info",
        "event": {
            "type": "message",
            "subtype": "file_share",
            "channel": "C1",
            "user": "U1",
            "text": "pic",
            "ts": "1700000009.001000",
            "event_ts": "1700000009.001000",
            "upload": False,
            "files": [
                {"id": "F2", "file_access": "check_file_info", "mode": "file_access"}
            ],
        },
    },
    "message_with_file_tombstone": {
        "type": "event_callback",
        "team_id": "T1",
        "event_id": "Ev_file_tombstone",
        "event": {
            "type": "message",
            "subtype": "file_share",
            "channel": "C1",
            "user": "U1",
            "text": "pic",
            "ts": "1700000009.001000",
            "event_ts": "1700000009.001000",
            "upload": False,
            "files": [{"id": "F3", "mode": "tombstone"}],
        },
    },
}

# core.telegram.org/bots/api#update and #message
TELEGRAM = {
    "channel_post_utf16": {
        "update_id": 1,
        "channel_post": {
            "message_id": 2,
            "sender_chat": {"id": -1001, "title": "c", "type": "channel"},
            "chat": {"id": -1001, "title": "c", "type": "channel"},
            "date": 1700000000,
            "text": "😀😀 see wagtail now",
            "entities": [
                {
                    "type": "text_link",
                    "offset": 9,
                    "length": 7,
                    "url": "https://wagtail.org",
                }
            ],
        },
    },
    "edited_channel_post": {
        "update_id": 2,
        "edited_channel_post": {
            "message_id": 2,
            "chat": {"id": -1001, "title": "c", "type": "channel"},
            "date": 1700000000,
            "edit_date": 1700000050,
            "text": "fixed",
        },
    },
    "edited_channel_post_noop": {
        "update_id": 3,
        "edited_channel_post": {
            "message_id": 2,
            "chat": {"id": -1001, "title": "c", "type": "channel"},
            "date": 1700000000,
            "edit_date": 1700000050,
            "text": "fixed",
        },
    },
    "album_1": {
        "update_id": 4,
        "channel_post": {
            "message_id": 7,
            "chat": {"id": -1001, "type": "channel", "title": "c"},
            "date": 1700000100,
            "media_group_id": "13",
            "caption": "😀 cap",
            "caption_entities": [{"type": "bold", "offset": 3, "length": 3}],
            "photo": [
                {
                    "file_id": "s",
                    "file_unique_id": "us",
                    "file_size": 955,
                    "width": 90,
                    "height": 55,
                },
                {
                    "file_id": "l",
                    "file_unique_id": "ul",
                    "file_size": 31254,
                    "width": 750,
                    "height": 457,
                },
            ],
        },
    },
    "album_2": {
        "update_id": 5,
        "channel_post": {
            "message_id": 8,
            "chat": {"id": -1001, "type": "channel", "title": "c"},
            "date": 1700000100,
            "media_group_id": "13",
            "photo": [
                {
                    "file_id": "l2",
                    "file_unique_id": "ul2",
                    "file_size": 43307,
                    "width": 1280,
                    "height": 622,
                }
            ],
        },
    },
    "document_image": {
        "update_id": 6,
        "channel_post": {
            "message_id": 9,
            "chat": {"id": -1001, "type": "channel", "title": "c"},
            "date": 1700000200,
            "document": {
                "file_id": "d",
                "file_unique_id": "ud",
                "file_name": "a.png",
                "mime_type": "image/png",
                "file_size": 30000000,
            },
        },
    },
    "service_message": {
        "update_id": 7,
        "channel_post": {
            "message_id": 10,
            "chat": {"id": -1001, "type": "channel", "title": "c"},
            "date": 1700000300,
            "new_chat_title": "x",
        },
    },
    "my_chat_member": {
        "update_id": 8,
        "my_chat_member": {
            "chat": {"id": -1001, "type": "channel", "title": "c"},
            "from": {"id": 1, "is_bot": False, "first_name": "A"},
            "date": 1,
            "old_chat_member": {
                "status": "left",
                "user": {"id": 9, "is_bot": True, "first_name": "b"},
            },
            "new_chat_member": {
                "status": "administrator",
                "user": {"id": 9, "is_bot": True, "first_name": "b"},
            },
        },
    },
    "hostile_entities": {
        "update_id": 9,
        "channel_post": {
            "message_id": 11,
            "chat": {"id": -1001, "type": "channel", "title": "c"},
            "date": 1,
            "text": "😀abc <b>x</b>",
            "entities": [
                {"type": "bold", "offset": 1, "length": 2},
                {"type": "italic", "offset": -3, "length": 2},
                {"type": "bold", "offset": 0, "length": 9999},
                {
                    "type": "text_link",
                    "offset": 2,
                    "length": 3,
                    "url": 'https://e.example/" onmouseover="alert(1)',
                },
                {
                    "type": "text_link",
                    "offset": 2,
                    "length": 3,
                    "url": "javascript:alert(1)",
                },
                {"type": "pre", "offset": 2, "length": 3, "language": 'py"><x'},
                {"type": "new_future_type", "offset": 2, "length": 3},
            ],
        },
    },
    "deleted_business_messages": {
        "update_id": 10,
        "deleted_business_messages": {
            "business_connection_id": "b",
            "chat": {"id": 5, "type": "private"},
            "message_ids": [1, 2],
        },
    },
}

# docs.discord.com/developers/events/gateway-events#messages
DISCORD = {
    "MESSAGE_CREATE": {
        "op": 0,
        "s": 42,
        "t": "MESSAGE_CREATE",
        "d": {
            "id": "1",
            "channel_id": "2",
            "guild_id": "3",
            "type": 0,
            "author": {"id": "4", "username": "ann", "bot": False},
            "content": "**Goal** <:ajax:123> <@4>",
            "timestamp": "2026-01-01T10:00:00.000000+00:00",
            "edited_timestamp": None,
            "attachments": [
                {
                    "id": "5",
                    "filename": "a.png",
                    "content_type": "image/png",
                    "size": 1234,
                    "width": 10,
                    "height": 10,
                    "url": "https://cdn.discordapp.com/attachments/2/5/a.png?ex=1&is=2&hm=3",
                    "description": "alt text",
                }
            ],
            "embeds": [],
            "mentions": [],
            "flags": 0,
        },
    },
    "MESSAGE_UPDATE": {
        "op": 0,
        "s": 43,
        "t": "MESSAGE_UPDATE",
        "d": {
            "id": "1",
            "channel_id": "2",
            "guild_id": "3",
            "content": "Goal!",
            "edited_timestamp": "2026-01-01T10:01:00.000000+00:00",
        },
    },
    "MESSAGE_DELETE": {
        "op": 0,
        "s": 44,
        "t": "MESSAGE_DELETE",
        "d": {"id": "1", "channel_id": "2", "guild_id": "3"},
    },
    "MESSAGE_DELETE_BULK": {
        "op": 0,
        "s": 45,
        "t": "MESSAGE_DELETE_BULK",
        "d": {"ids": ["1", "6"], "channel_id": "2", "guild_id": "3"},
    },
}

# docs/receivers.md
WEBHOOK = {
    "message": {
        "type": "message",
        "channel": "main-stand",
        "id": "17",
        "version": 1,
        "text": "Kick-off!\n\nhttps://a.example/story",
        "sent_at": "2026-06-01T15:00:00Z",
        "author": {"id": "ann", "name": "Ann"},
        "pictures": [
            {"id": "p1", "url": "https://images.example.org/1.jpg", "alt": "x"}
        ],
        "group": "g1",
        "reply_to": "16",
    },
    "delete": {"type": "delete", "channel": "main-stand", "id": 17, "version": 2},
    "hide": {"type": "hide", "channel": "main-stand", "id": "17", "version": 3},
    "of_the_future": {"type": "reaction", "channel": "main-stand"},
}
