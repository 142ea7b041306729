package tollgate
