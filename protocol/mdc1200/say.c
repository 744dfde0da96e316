/* SPDX-License-Identifier: Apache-2.0 */
#include "say.h"

#include <string.h>

static bool is_id(const char *id)
{
    return strlen(id) == 4 && strspn(id, "0123456789ABCDEF") == 4;
}

enum atalaya_result mdc1200_say(const struct protocol_say *say, struct message *message, bool *asks)
{
    const char *meaning = NULL;
    *asks = false;
    switch (say->what) {
    case SAY_DISTRESS_ACKNOWLEDGED:
        meaning = "emergency_acknowledge";
        message->kind = MESSAGE_ACKNOWLEDGE;
        break;
    case SAY_CALL_ALERT:
        meaning = "call_alert";
        break;
    case SAY_RADIO_CHECK:
        meaning = "radio_check";
        break;
    default:
        return ATALAYA_E_UNSUPPORTED;
    }
    if (!is_id(say->from) || !is_id(say->to))
        return ATALAYA_E_ARGUMENT;
    if (message->kind != MESSAGE_ACKNOWLEDGE) {
        message->kind = MESSAGE_QUERY;
        *asks = true;
    }
    strcpy(message->to, say->to);
    if (say->what == SAY_CALL_ALERT) /* the others name the addressee only */
        strcpy(message->unit, say->from);
    return message_add_string(message, "meaning", meaning);
}
