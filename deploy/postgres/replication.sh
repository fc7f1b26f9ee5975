#!/bin/sh
# Run once by PostgreSQL's image, in a new database: « miss backup » copies the cluster over the network, by password.
echo "host replication miss all scram-sha-256" >> "$PGDATA/pg_hba.conf"
