/* SPDX-License-Identifier: Apache-2.0 */
/* What a tower says in APRS (chapter 14): messages, bulletins to all, acknowledgements. */
#include <string.h>

#include "aprs_parts.h"
#include "atalaya/protocol/ax25.h"
#include "atalaya/protocol/protocol.h"

enum { ADDRESSEE_MAX = 9, TEXT_MAX = 67, NUMBER_MAX = 5 };

static const char everybody[] = "BLN0"; /* a bulletin: shown by every terminal */

static bool is_sayable(const char *text)
{
    size_t length = strlen(text);
    if (length == 0 || length > TEXT_MAX || text[0] == '?')
        return false;
    for (size_t i = 0; i < length; i++)
        if (text[i] < ' ' || text[i] > '~' || text[i] == '{' || text[i] == '|' || text[i] == '~')
            return false;
    return true;
}

static bool is_number(const char *number)
{
    size_t length = strlen(number);
    for (size_t i = 0; i < length; i++)
        if (!aprs_is_alphanumeric((uint8_t)number[i]))
            return false;
    return length > 0 && length <= NUMBER_MAX;
}

static bool is_call(const char *id)
{
    struct ax25_address address;
    return ax25_address_from_text(id, strlen(id), &address) == ATALAYA_OK;
}

static enum atalaya_result say_answer(const struct protocol_say *say, struct message *message)
{
    if (!say->to[0] || !is_number(say->number))
        return ATALAYA_E_ARGUMENT;
    message->kind = MESSAGE_ACKNOWLEDGE;
    return message_add_string(message, say->what == SAY_ACKNOWLEDGE ? "ack_id" : "reject_id", say->number);
}

enum atalaya_result ax25_say(const struct protocol_say *say, struct message *message, bool *asks)
{
    *asks = false;
    if (!is_call(say->from) || strlen(say->to) > ADDRESSEE_MAX || (say->to[0] && !is_call(say->to)))
        return ATALAYA_E_ARGUMENT;
    strcpy(message->unit, say->from);
    strcpy(message->to, say->to[0] ? say->to : everybody);
    if (say->what == SAY_ACKNOWLEDGE || say->what == SAY_REJECT)
        return say_answer(say, message);
    if (say->what == SAY_CALL_ALERT || say->what == SAY_RADIO_CHECK)
        return ATALAYA_E_UNSUPPORTED;
    message->kind = MESSAGE_TEXT;
    if (!is_sayable(say->text))
        return ATALAYA_E_ARGUMENT;
    enum atalaya_result result = message_add_string(message, "text", say->text);
    if (result != ATALAYA_OK || !say->number[0] || !say->to[0])
        return result;
    *asks = true;
    return is_number(say->number) ? message_add_string(message, "message_id", say->number)
                                  : ATALAYA_E_ARGUMENT;
}
