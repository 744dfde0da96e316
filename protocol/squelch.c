/* SPDX-License-Identifier: Apache-2.0 */
#include "atalaya/protocol/squelch.h"

#include <string.h>

void squelch_write(struct message *message, const struct squelch *squelch)
{
    message->kind = MESSAGE_OTHER;
    (void)message_add_string(message, "squelch", squelch->present ? "begin" : "end");
    (void)message_add_string(message, "squelch_signal", squelch->name);
}

bool squelch_read(const struct message *message, struct squelch *squelch)
{
    size_t length;
    const char *what = message_text(message, "squelch", NULL);
    const char *name = message_text(message, "squelch_signal", &length);
    if (!what || !name || length >= SQUELCH_NAME_MAX)
        return false;
    squelch->present = strcmp(what, "begin") == 0;
    memcpy(squelch->name, name, length + 1);
    return true;
}
