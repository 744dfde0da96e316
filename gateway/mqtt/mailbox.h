/* SPDX-License-Identifier: Apache-2.0 */
/* From any thread to one link thread: the documents that describe the present, receptions and answers that
 * are not spooled, and the order to stop. Bounded; behind an eventfd. No lock is held over I/O. */
#ifndef ATALAYA_MQTT_MAILBOX_H
#define ATALAYA_MQTT_MAILBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "atalaya/gateway/link.h"

enum { MAILBOX_RX_MAX = 256, MAILBOX_RESPONSES_MAX = 32 };

enum mailbox_kind { MAILBOX_RX, MAILBOX_RESPONSE, MAILBOX_KIND_COUNT };

/* One publication; whoever took it frees both. */
struct mail {
    char *topic, *text; /* topic NULL: site/S/rx */
};

struct mailbox;

enum atalaya_result mailbox_create(struct mailbox **mailbox);
int mailbox_fd(const struct mailbox *mailbox);
void mailbox_wake(struct mailbox *mailbox);
void mailbox_calm(struct mailbox *mailbox); /* takes the wake-ups */

enum atalaya_result mailbox_set_document(struct mailbox *mailbox, enum link_document which, const char *text);
/* A copy to free, or NULL. news_only: only when it was set since the last call. */
char *mailbox_document(struct mailbox *mailbox, enum link_document which, bool news_only);

/* false: full or out of memory, dropped. */
bool mailbox_put(struct mailbox *mailbox, enum mailbox_kind kind, const char *topic, const char *text);
bool mailbox_take(struct mailbox *mailbox, enum mailbox_kind kind, struct mail *mail);
/* Throws away what waits; returns how many receptions that were. */
uint64_t mailbox_empty(struct mailbox *mailbox);

void mailbox_stop(struct mailbox *mailbox, const char *status); /* status may be NULL */
bool mailbox_stopping(struct mailbox *mailbox);
char *mailbox_last_status(struct mailbox *mailbox); /* a copy to free, or NULL */
void mailbox_destroy(struct mailbox *mailbox);

#endif
