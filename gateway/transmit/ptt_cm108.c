/* SPDX-License-Identifier: Apache-2.0 */
/* A line of a C-Media sound chip (CM108 and its like) by an HID output report: report number 0, then the four
 * registers HID_OR0 to HID_OR3 of its data sheet. OR1 has the lines' levels, OR2 says which of them are
 * outputs. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "transmit/ptt.h"

enum { LINES = 8, REPORT_BYTES = 5 };

static enum atalaya_result cm108_open(struct ptt *ptt, char why[PTT_TEXT_MAX])
{
    const struct config_transmitter *settings = &ptt->settings;
    struct stat status;
    if (settings->ptt_line < 1 || settings->ptt_line > LINES) {
        snprintf(why, PTT_TEXT_MAX, "a cm108 has lines 1 to %d: set ptt_line", LINES);
        return ATALAYA_E_ARGUMENT;
    }
    ptt->fd = open(settings->ptt_device, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (ptt->fd < 0) {
        snprintf(why, PTT_TEXT_MAX, "%s: %s; the udev rule in atalaya.conf(5) gives it to the group 'audio'",
                 settings->ptt_device, strerror(errno));
        return errno == EACCES ? ATALAYA_E_DENIED : ATALAYA_E_GONE;
    }
    if (fstat(ptt->fd, &status) == 0 && S_ISCHR(status.st_mode))
        return ATALAYA_OK;
    snprintf(why, PTT_TEXT_MAX, "%s is no device: give the hidraw node of the sound card",
             settings->ptt_device);
    (void)close(ptt->fd);
    ptt->fd = -1;
    return ATALAYA_E_FORMAT;
}

static bool cm108_set(struct ptt *ptt, bool down)
{
    const uint8_t line = (uint8_t)(1U << (ptt->settings.ptt_line - 1));
    const uint8_t report[REPORT_BYTES] = {0, 0, down != ptt->settings.ptt_inverted ? line : 0, line, 0};
    return write(ptt->fd, report, sizeof report) == REPORT_BYTES;
}

static void cm108_close(struct ptt *ptt)
{
    (void)close(ptt->fd);
    ptt->fd = -1;
}

const struct ptt_class ptt_class_cm108 = {"cm108", true, cm108_open, cm108_set, cm108_close};
