package main

import "github.com/spf13/cobra"

func newAuditCommand() *cobra.Command {
	var admin adminFlags
	return admin.add(newGroup("audit", "The audit log: what was recorded, who holds it, whether it is whole", "tollgate audit list --since 7d",
		newAuditList(&admin), newAuditShow(&admin), newAuditCheckpoint(&admin), newAuditVerify(&admin), newAuditExport(&admin), newAuditOpen(&admin), newAuditHold(&admin), newAuditSinks(&admin)))
}
