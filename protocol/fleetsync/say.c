/* SPDX-License-Identifier: Apache-2.0 */
#include "say.h"

#include <string.h>

static bool is_id(const char *id)
{
    return strlen(id) == 8 && strspn(id, "0123456789") == 3 && id[3] == '-' &&
           strspn(id + 4, "0123456789") == 4;
}

/* What is a kind of its own here: everything but words. */
static const char *meaning_of(enum say_what what)
{
    switch (what) {
    case SAY_ACKNOWLEDGE:
        return "acknowledge";
    case SAY_CALL_ALERT:
        return "paging";
    case SAY_TEXT:
    case SAY_DISTRESS_HEARD:
    case SAY_DISTRESS_RECEIVED:
    case SAY_DISTRESS_ACKNOWLEDGED:
        return "text";
    default:
        return NULL;
    }
}

enum atalaya_result fleetsync_say(const struct protocol_say *say, struct message *message, bool *asks)
{
    const char *meaning = meaning_of(say->what);
    *asks = false;
    if (!meaning)
        return ATALAYA_E_UNSUPPORTED;
    bool to_all = say->to[0] == '\0';
    if (!is_id(say->from) || !(is_id(say->to) || (to_all && say->what == SAY_TEXT)))
        return ATALAYA_E_ARGUMENT;
    strcpy(message->unit, say->from);
    strcpy(message->to, say->to);
    *asks = !to_all && say->what != SAY_ACKNOWLEDGE;
    message->kind = say->what == SAY_ACKNOWLEDGE  ? MESSAGE_ACKNOWLEDGE
                    : say->what == SAY_CALL_ALERT ? MESSAGE_QUERY
                                                  : MESSAGE_TEXT;
    enum atalaya_result result = message_add_string(message, "meaning", meaning);
    if (result == ATALAYA_OK && message->kind == MESSAGE_TEXT)
        result = message_add_string(message, "text", say->text); /* compose refuses what it cannot carry */
    return result;
}
