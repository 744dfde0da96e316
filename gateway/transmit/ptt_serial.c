/* SPDX-License-Identifier: Apache-2.0 */
/* RTS or DTR of a serial port. The kernel drops both at the last close of the port (HUPCL), so that a keeper
 * that is killed lets go too. */
#include <stddef.h>

#include "transmit/ptt.h"

static enum atalaya_result serial_key_open(struct ptt *ptt, char why[PTT_TEXT_MAX])
{
    return serial_open_lines(ptt->settings.ptt_device, &ptt->serial, why);
}

static bool serial_key_set(struct ptt *ptt, bool down)
{
    enum serial_line line = ptt->settings.ptt == PTT_DTR ? SERIAL_DTR : SERIAL_RTS;
    return serial_is_present(ptt->serial) &&
           serial_set_line(ptt->serial, line, down != ptt->settings.ptt_inverted);
}

static void serial_key_close(struct ptt *ptt)
{
    serial_close(ptt->serial);
    ptt->serial = NULL;
}

const struct ptt_class ptt_class_serial = {"serial", true, serial_key_open, serial_key_set, serial_key_close};
