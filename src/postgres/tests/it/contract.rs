//! Everything that every database promises, on Postgres.

mod store {
    use crate::support::fresh;
    frontdesk_ports::store_contract!(fresh);
}

mod definitions {
    use crate::support::fresh;
    frontdesk_ports::definitions_contract!(fresh);
}

mod directory {
    use crate::support::fresh;
    frontdesk_ports::directory_contract!(fresh);
}

mod installation {
    use crate::support::fresh;
    frontdesk_ports::installation_contract!(fresh);
}

mod store_inspector {
    use crate::support::fresh;
    frontdesk_ports::store_inspector_contract!(fresh);
}

mod roles {
    use crate::support::fresh;
    frontdesk_ports::roles_contract!(fresh);
}

mod settings {
    use crate::support::fresh;
    frontdesk_ports::settings_contract!(fresh);
}

mod timers {
    use crate::support::fresh;
    frontdesk_ports::timers_contract!(fresh);
}

mod transaction {
    use crate::support::fresh;
    frontdesk_ports::transaction_contract!(fresh);
}

mod outbox {
    use crate::support::fresh;
    frontdesk_ports::outbox_contract!(fresh);
}
