/* SPDX-License-Identifier: Apache-2.0 */
/* What forbids to send. An input that cannot be read forbids. */
#include <gpiod.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "transmit/ptt.h"

/* CTS comes through the key's own port, or one of its own. */
static enum atalaya_result cts_open(struct ptt *ptt, char why[PTT_TEXT_MAX])
{
    const struct config_transmitter *settings = &ptt->settings;
    if (ptt->serial &&
        (!*settings->inhibit_device || strcmp(settings->inhibit_device, settings->ptt_device) == 0))
        return ATALAYA_OK;
    return serial_open_lines(settings->inhibit_device, &ptt->inhibit_serial, why);
}

enum atalaya_result inhibit_open(struct ptt *ptt, char why[PTT_TEXT_MAX])
{
    const struct config_transmitter *settings = &ptt->settings;
    switch (settings->inhibit) {
    case INHIBIT_CTS:
        return cts_open(ptt, why);
    case INHIBIT_GPIO:
        ptt->inhibit_line = gpio_line_open(settings->inhibit_device, settings->inhibit_line, false,
                                           settings->inhibit_inverted, &ptt->inhibit_chip, why);
        return ptt->inhibit_line ? ATALAYA_OK : ATALAYA_E_GONE;
    case INHIBIT_FILE:
    case INHIBIT_NONE:
        break;
    }
    return ATALAYA_OK;
}

bool inhibit_read(struct ptt *ptt)
{
    const struct config_transmitter *settings = &ptt->settings;
    struct serial *port = ptt->inhibit_serial ? ptt->inhibit_serial : ptt->serial;
    bool on = true;
    switch (settings->inhibit) {
    case INHIBIT_CTS:
        return !port || !serial_read_cts(port, &on) || on != settings->inhibit_inverted;
    case INHIBIT_GPIO:
        return !ptt->inhibit_line || gpiod_line_get_value(ptt->inhibit_line) != 0;
    case INHIBIT_FILE:
        return (access(settings->inhibit_device, F_OK) == 0) != settings->inhibit_inverted;
    case INHIBIT_NONE:
        break;
    }
    return false;
}

void inhibit_close(struct ptt *ptt)
{
    serial_close(ptt->inhibit_serial);
    ptt->inhibit_serial = NULL;
    if (ptt->inhibit_line) {
        gpiod_line_release(ptt->inhibit_line);
        gpiod_chip_close(ptt->inhibit_chip);
    }
    ptt->inhibit_line = NULL;
    ptt->inhibit_chip = NULL;
}
