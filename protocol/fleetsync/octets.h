/* SPDX-License-Identifier: Apache-2.0 */
/* Where FleetSync keeps what; content.h has the drawing. */
#ifndef PROTOCOL_FLEETSYNC_OCTETS_H
#define PROTOCOL_FLEETSYNC_OCTETS_H

enum {
    FLAG_MARK = 0x80, /* nobody knows what for, but ones in all that was heard, as 20 and 08 */
    FLAG_EMERGENCY = 0x40,
    FLAG_LONE_WORKER = 0x10,
    FLAG_PAGING = 0x04,
    FLAG_END = 0x02, /* of the transmission */
    FLAGS_UNKNOWN = FLAG_MARK | 0x20 | 0x08,
    FLAGS_NONE = 0xfe,

    COMMAND_ID = 0x80,
    COMMAND_STATUS = 0x40,
    COMMAND_ACKNOWLEDGE = 0x20,
    COMMAND_ACKNOWLEDGES = 0x04, /* set beside COMMAND_ACKNOWLEDGE */
    COMMAND_MORE = 0x02,
    COMMAND_FLEET = 0x01,
    COMMAND_LONG = COMMAND_STATUS | COMMAND_MORE,
    SUBCOMMAND_LOCATION = 0xf4,

    FLEET_OFFSET = 99,
    UNIT_OFFSET = 999,
    STATUS_OFFSET = 9, /* a radio shows 10 and sends 1 */
    LENGTH_AT = 9,
    DATA_AT = 12
};

#endif
