/* SPDX-License-Identifier: Apache-2.0 */
#include "caller.h"

#include <string.h>

enum { FLEET = 3, FLEET_UNIT = 7, NEXEDGE_UNIT = 6 };

static bool all_digits(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (text[i] < '0' || text[i] > '9')
            return false;
    return true;
}

bool caller_fleetsync_id(const char *text, size_t length, char *id)
{
    if (length != FLEET_UNIT || !all_digits(text, length))
        return false;
    memcpy(id, text, FLEET);
    id[FLEET] = '-';
    memcpy(id + FLEET + 1, text + FLEET, FLEET_UNIT - FLEET);
    id[FLEET_UNIT + 1] = '\0';
    return true;
}

bool caller_nexedge_id(const char *text, size_t length, char *id)
{
    if (length < 2 || length > 9 || text[0] != 'U' || !all_digits(text + 1, length - 1))
        return false;
    memcpy(id, text, length);
    id[length] = '\0';
    return true;
}

typedef bool read_id(const char *text, size_t length, char *id);

/* 1 or 0, the caller, and once more an id: the caller again, or whom it calls. */
static enum atalaya_result read_call(struct message *message, const char *text, read_id *read, size_t width)
{
    char second[MESSAGE_ID_MAX];
    if ((text[0] != '0' && text[0] != '1') || strlen(text) != 1 + 2 * width)
        return ATALAYA_E_FORMAT;
    if (!read(text + 1, width, message->unit) || !read(text + 1 + width, width, second))
        return ATALAYA_E_FORMAT;
    if (strcmp(second, message->unit) != 0)
        memcpy(message->to, second, sizeof second);
    message->kind = MESSAGE_STATUS;
    (void)message_add_string(message, "event", text[0] == '1' ? "transmission_start" : "transmission_end");
    return ATALAYA_OK;
}

static enum atalaya_result read_reply(struct message *message, const char *text)
{
    message->kind = MESSAGE_ACKNOWLEDGE;
    (void)message_add_boolean(message, "carried_out", text[0] == '0');
    return ATALAYA_OK;
}

/* xE, type 2, caller 7, two more, called 7, two more, status 2 to 4 digits, as logs of NEXEDGE radios show
 * it; what the digits between mean is not public. */
static enum atalaya_result read_status(struct message *message, const char *text)
{
    enum { FROM = 2, TO = 11, STATUS = 20 };
    size_t length = strlen(text);
    char digits[] = "U00000";
    if (length < STATUS + 2 || length > STATUS + 4 || !all_digits(text, length))
        return ATALAYA_E_FORMAT;
    memcpy(digits + 1, text + FROM + 2, 5);
    if (!caller_nexedge_id(digits, NEXEDGE_UNIT, message->unit))
        return ATALAYA_E_FORMAT;
    memcpy(digits + 1, text + TO + 2, 5);
    if (!caller_nexedge_id(digits, NEXEDGE_UNIT, message->to))
        return ATALAYA_E_FORMAT;
    int64_t status = 0;
    for (size_t i = STATUS; i < length; i++)
        status = status * 10 + (text[i] - '0');
    message->kind = MESSAGE_STATUS;
    (void)message_add_integer(message, "status", status);
    return ATALAYA_OK;
}

enum atalaya_result caller_read(struct message *message, const char *text)
{
    if ((text[0] == '0' || text[0] == '1') && text[1] == '\0')
        return read_reply(message, text);
    if (strncmp(text, "gI", 2) == 0)
        return read_call(message, text + 2, caller_nexedge_id, NEXEDGE_UNIT);
    if (strncmp(text, "xE", 2) == 0)
        return read_status(message, text + 2);
    if (text[0] == 'I')
        return read_call(message, text + 1, caller_fleetsync_id, FLEET_UNIT);
    if (text[0] != 'D' || !caller_fleetsync_id(text + 1, strlen(text + 1), message->unit))
        return ATALAYA_E_FORMAT;
    message->kind = MESSAGE_STATUS;
    (void)message_add_string(message, "event", "caller_id");
    return ATALAYA_OK;
}
