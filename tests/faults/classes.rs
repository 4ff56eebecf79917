//! The kinds of faults.

use crate::{
    desk::{Build, DiskKind, Form, Quirks},
    nemesis::{Harm, Target},
    run::Class,
};

use Target::{Broker, Gateway, Leader, Postgres, Redis, Worker};

const USUAL: Quirks = Quirks { stream_bytes: None, clock: false, build: Build::Usual, disks: None, lazy_sync: false };
/// Can die where it is told to; nothing is wrong with it otherwise.
const MORTAL: Quirks = Quirks { build: Build::Planted(None), ..USUAL };
const SMALL_DISKS: Quirks = Quirks { disks: Some(DiskKind::Small), ..USUAL };
const CUTTABLE: Quirks = Quirks { disks: Some(DiskKind::Cuttable), ..USUAL };
pub(crate) const CLUSTER: Form = Form::Cluster { brokers: 1 };
const QUORUM: Form = Form::Cluster { brokers: 3 };

pub(crate) const fn class(name: &'static str, form: Form, harms: &'static [Harm]) -> Class {
    Class { name, form, quirks: USUAL, harms }
}

/// The two that every change has to pass: everything that is killed and stopped most often, in both forms.
pub(crate) const SMOKE: [Class; 2] = [
    class(
        "smoke: one process",
        Form::Up,
        &[
            Harm::Kill(&[Gateway]),
            Harm::Pause(&[Gateway]),
            Harm::Kill(&[Broker]),
            Harm::Pause(&[Broker]),
            Harm::LockDatabase,
        ],
    ),
    class(
        "smoke: cluster",
        CLUSTER,
        &[
            Harm::Kill(&[Gateway]),
            Harm::Pause(&[Broker]),
            Harm::Kill(&[Worker]),
            Harm::Kill(&[Postgres]),
            Harm::Pause(&[Worker]),
            Harm::Kill(&[Broker]),
            Harm::Pause(&[Postgres]),
            Harm::Kill(&[Redis]),
        ],
    ),
];

/// All classes of faults, in the order of the table.
pub(crate) const STANDARD: [Class; 37] = [
    class("one process: killed", Form::Up, &[Harm::Kill(&[Gateway])]),
    class("one process: stopped", Form::Up, &[Harm::Pause(&[Gateway])]),
    class("one process: restarted", Form::Up, &[Harm::Restart(Gateway)]),
    class("one process: broker killed", Form::Up, &[Harm::Kill(&[Broker])]),
    class("one process: broker stopped", Form::Up, &[Harm::Pause(&[Broker])]),
    class("one process: database locked", Form::Up, &[Harm::LockDatabase]),
    Class {
        quirks: Quirks { stream_bytes: Some(1 << 20), ..USUAL },
        ..class("one process: log full", Form::Up, &[Harm::FullStore])
    },
    Class {
        quirks: Quirks { clock: true, ..USUAL },
        ..class("one process: clock jumps", Form::Up, &[Harm::ClockJump])
    },
    Class { quirks: SMALL_DISKS, ..class("one process: disk full", Form::Up, &[Harm::FillDisk]) },
    Class { quirks: CUTTABLE, ..class("one process: power cut", Form::Up, &[Harm::CutPower]) },
    class("gateway killed", CLUSTER, &[Harm::Kill(&[Gateway])]),
    class("gateway stopped", CLUSTER, &[Harm::Pause(&[Gateway])]),
    class("gateway restarted", CLUSTER, &[Harm::Restart(Gateway)]),
    class("worker killed", CLUSTER, &[Harm::Kill(&[Worker])]),
    class("worker stopped", CLUSTER, &[Harm::Pause(&[Worker])]),
    class("broker killed", CLUSTER, &[Harm::Kill(&[Broker])]),
    class("broker stopped", CLUSTER, &[Harm::Pause(&[Broker])]),
    class("Postgres killed", CLUSTER, &[Harm::Kill(&[Postgres])]),
    Class {
        quirks: MORTAL,
        ..class(
            "gateway killed around the publish",
            CLUSTER,
            &[Harm::DieAt(Gateway, "before-publish"), Harm::DieAt(Gateway, "after-publish")],
        )
    },
    Class {
        quirks: MORTAL,
        ..class(
            "worker killed around the commit",
            CLUSTER,
            &[
                Harm::DieAt(Worker, "before-commit"),
                Harm::DieAt(Worker, "after-commit"),
                Harm::DieAt(Worker, "before-settle"),
            ],
        )
    },
    Class { quirks: SMALL_DISKS, ..class("disks of broker and Postgres full", CLUSTER, &[Harm::FillDisk]) },
    Class { quirks: CUTTABLE, ..class("power cut of broker and Postgres", CLUSTER, &[Harm::CutPower]) },
    class("gateway without files", CLUSTER, &[Harm::FewFiles]),
    class("gateway without memory", CLUSTER, &[Harm::LittleMemory]),
    class("repeated after the broker forgot", CLUSTER, &[Harm::LateRepeats]),
    class("Postgres stopped", CLUSTER, &[Harm::Pause(&[Postgres])]),
    class("Postgres locked", CLUSTER, &[Harm::LockDatabase]),
    class("Redis killed or stopped", CLUSTER, &[Harm::Kill(&[Redis]), Harm::Pause(&[Redis])]),
    class(
        "two at once",
        CLUSTER,
        &[
            Harm::Kill(&[Broker, Worker]),
            Harm::Kill(&[Gateway, Postgres]),
            Harm::Pause(&[Broker, Gateway]),
            Harm::Kill(&[Broker, Postgres]),
            Harm::Pause(&[Postgres, Redis]),
            Harm::Kill(&[Gateway, Worker]),
        ],
    ),
    class(
        "gateway parted from the broker",
        CLUSTER,
        &[
            Harm::Part { there: true, back: true },
            Harm::Part { there: true, back: false },
            Harm::Part { there: false, back: true },
            Harm::ResetBrokerLinks,
        ],
    ),
    class(
        "packets between gateway and broker dropped",
        CLUSTER,
        &[
            Harm::DropPackets { there: true, back: true },
            Harm::DropPackets { there: true, back: false },
            Harm::DropPackets { there: false, back: true },
        ],
    ),
    class("bad network to people", CLUSTER, &[Harm::BadNetwork]),
    class("slow readers, half-open sockets", CLUSTER, &[Harm::SlowReaders]),
    class("reconnect storm", CLUSTER, &[Harm::Storm(5000)]),
    class("three brokers: leader killed", QUORUM, &[Harm::Kill(&[Leader])]),
    class("three brokers: leader stopped", QUORUM, &[Harm::Pause(&[Leader])]),
    class(
        "three brokers: any killed, gateway parted",
        QUORUM,
        &[Harm::Kill(&[Broker]), Harm::Part { there: true, back: true }],
    ),
];
