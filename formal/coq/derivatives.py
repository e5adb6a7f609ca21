"""Lemmas of Coq that exported proofs use: derivatives, and what holds near a point."""

DERIVATIVES = r"""(* Derivatives: the value of a function at a point, and its derivative there *)

Definition isD (f : R -> R) (x v l : R) : Prop := f x = v /\ is_derive f x l.
Lemma D_equal f x v l m : isD f x v l -> l = m -> isD f x v m.
Proof. intros H <-. exact H. Qed.
Lemma D_const x c : isD (fun _ => c) x c 0.
Proof. split; [reflexivity|apply @is_derive_const]. Qed.
Lemma D_self x : isD (fun y => y) x x 1.
Proof. split; [reflexivity|apply @is_derive_id]. Qed.
Lemma D_upd p k i : isD (fun y => upd p k y i) (p k) (p i) (delta i k).
Proof.
  unfold isD, upd, delta. destruct (Nat.eqb_spec i k) as [->|N].
  - split; [reflexivity|apply @is_derive_id].
  - split; [reflexivity|apply @is_derive_const].
Qed.
Lemma D_upd2 p k l i j :
  isD (fun y => upd2 p k l y i j) (p k l) (p i j) (delta i k * delta j l).
Proof.
  unfold isD, upd2, delta.
  destruct (Nat.eqb_spec i k) as [->|N]; destruct (Nat.eqb_spec j l) as [->|M]; simpl;
    (split; [reflexivity|]).
  - rewrite Rmult_1_l. apply @is_derive_id.
  - rewrite Rmult_0_r. apply @is_derive_const.
  - rewrite Rmult_0_l. apply @is_derive_const.
  - rewrite Rmult_0_l. apply @is_derive_const.
Qed.
Lemma D_plus f g x u v a b : isD f x u a -> isD g x v b ->
  isD (fun y => f y + g y) x (u + v) (a + b).
Proof.
  intros [Hu Ha] [Hv Hb]. split; [rewrite Hu, Hv; reflexivity|].
  apply @is_derive_plus; assumption.
Qed.
Lemma D_mult f g x u v a b : isD f x u a -> isD g x v b ->
  isD (fun y => f y * g y) x (u * v) (a * v + u * b).
Proof.
  intros [Hu Ha] [Hv Hb]. split; [rewrite Hu, Hv; reflexivity|].
  rewrite <- Hu, <- Hv. apply (is_derive_mult f g); [assumption..|].
  intros; apply Rmult_comm.
Qed.
Lemma D_after h f x v a b : isD f x v a -> is_derive h v b ->
  isD (fun y => h (f y)) x (h v) (b * a).
Proof.
  intros [Hv Ha] Hb. split; [rewrite Hv; reflexivity|]. rewrite Rmult_comm.
  apply (is_derive_comp h f); rewrite ?Hv; assumption.
Qed.
Lemma D_exp f x v a : isD f x v a -> isD (fun y => exp (f y)) x (exp v) (exp v * a).
Proof. intros H. apply (D_after exp); [assumption|apply is_derive_exp]. Qed.
Lemma D_ln f x v a : 0 < v -> isD f x v a -> isD (fun y => ln (f y)) x (ln v) (/ v * a).
Proof. intros P H. apply (D_after ln); [assumption|apply is_derive_ln, P]. Qed.
Lemma D_sin f x v a : isD f x v a -> isD (fun y => sin (f y)) x (sin v) (cos v * a).
Proof.
  intros H. apply (D_after sin); [assumption|]. apply is_derive_Reals, derivable_pt_lim_sin.
Qed.
Lemma D_cos f x v a : isD f x v a -> isD (fun y => cos (f y)) x (cos v) (-1 * sin v * a).
Proof.
  intros H. apply (D_after cos); [assumption|]. replace (-1 * sin v) with (- sin v) by ring.
  apply is_derive_Reals, derivable_pt_lim_cos.
Qed.
Lemma D_pow n f x v a : isD f x v a ->
  isD (fun y => f y ^ S n) x (v ^ S n) (IZR (Z.of_nat (S n)) * v ^ n * a).
Proof.
  intros H. apply (D_after (fun z => z ^ S n)); [assumption|].
  rewrite <- INR_IZR_INZ.
  replace (INR (S n) * v ^ n) with (INR (S n) * 1 * v ^ pred (S n)) by (simpl pred; ring).
  apply (is_derive_pow (fun z => z) (S n) v 1), @is_derive_id.
Qed.
Lemma D_one f x v a : isD f x v a -> isD (fun y => f y ^ 0) x 1 (0 * a).
Proof. intros H. rewrite Rmult_0_l. exact (D_const x 1). Qed.
Lemma D_inv f x v a : v <> 0 -> isD f x v a -> isD (fun y => / f y) x (/ v) (-1 * / v ^ 2 * a).
Proof.
  intros N H. apply (D_after Rinv); [assumption|].
  replace (-1 * / v ^ 2) with (- 1 / v ^ 2) by (field; assumption).
  apply (is_derive_inv (fun z => z) v 1); [apply @is_derive_id|assumption].
Qed.
Lemma D_inv_pow n f x v a : v <> 0 -> isD f x v a ->
  isD (fun y => / f y ^ S n) x (/ v ^ S n) (IZR (- Z.of_nat (S n)) * / v ^ S (S n) * a).
Proof.
  intros N H. eapply D_equal.
  - apply D_inv, D_pow, H. apply pow_nonzero, N.
  - rewrite opp_IZR. simpl pow. field. split; [apply pow_nonzero|]; assumption.
Qed.
Lemma near_pos_at x : 0 < x -> locally x (fun y => 0 < y).
Proof. intros H. exact (open_gt 0 x H). Qed.
Lemma near_neg_at x : x < 0 -> locally x (fun y => y < 0).
Proof. intros H. exact (open_lt 0 x H). Qed.
Lemma is_derive_rpow v x : 0 < v -> is_derive (fun z => rpow z x) v (x * rpow v (x - 1)).
Proof.
  intros P. apply (is_derive_ext_loc (fun z => exp (x * ln z))).
  - apply (filter_imp (fun z => 0 < z)); [|exact (near_pos_at v P)].
    intros z Z. symmetry. apply rpow_exp, Z.
  - rewrite rpow_exp by assumption.
    replace (x * exp ((x - 1) * ln v)) with (exp (x * ln v) * (x * / v)).
    + apply (D_exp (fun z => x * ln z)). split; [reflexivity|].
      apply @is_derive_scal, is_derive_ln, P.
    + replace ((x - 1) * ln v) with (x * ln v + - ln v) by ring.
      rewrite exp_plus, exp_Ropp, exp_ln by assumption. ring.
Qed.
Lemma D_rpow r s f x v a : s = r - 1 -> 0 < v -> isD f x v a ->
  isD (fun y => rpow (f y) r) x (rpow v r) (r * rpow v s * a).
Proof.
  intros -> P H. apply (D_after (fun z => rpow z r)); [assumption|apply is_derive_rpow, P].
Qed.
Lemma near_pos f x v l : isD f x v l -> 0 < v -> locally x (fun y => 0 < f y).
Proof.
  intros [Hv Hl] P. assert (C : continuous f x)
    by (apply @ex_derive_continuous; exists l; exact Hl).
  apply (C (fun z => 0 < z)). rewrite Hv. exact (near_pos_at v P).
Qed.
Lemma near_neg f x v l : isD f x v l -> v < 0 -> locally x (fun y => f y < 0).
Proof.
  intros [Hv Hl] P. assert (C : continuous f x)
    by (apply @ex_derive_continuous; exists l; exact Hl).
  apply (C (fun z => z < 0)). rewrite Hv. exact (near_neg_at v P).
Qed.
Lemma near_ne f x v l : isD f x v l -> v <> 0 -> locally x (fun y => f y <> 0).
Proof.
  intros H N. destruct (Rtotal_order v 0) as [L|[E|G]]; [|contradiction|].
  - apply (filter_imp (fun y => f y < 0)); [intros; lra|]. exact (near_neg _ _ _ _ H L).
  - apply (filter_imp (fun y => 0 < f y)); [intros; lra|]. exact (near_pos _ _ _ _ H G).
Qed.
Lemma near_less f g x v w a b : isD f x v a -> isD g x w b -> v < w ->
  locally x (fun y => f y < g y).
Proof.
  intros F G L. apply (filter_imp (fun y => 0 < g y + -1 * f y)); [intros; lra|].
  refine (near_pos _ x _ _ (D_plus _ _ _ _ _ _ _ G (D_mult _ _ _ _ _ _ _ (D_const x (-1)) F)) _).
  lra.
Qed.
Lemma near_other f g x v w a b : isD f x v a -> isD g x w b -> v <> w ->
  locally x (fun y => f y <> g y).
Proof.
  intros F G N. apply (filter_imp (fun y => g y + -1 * f y <> 0)); [intros; lra|].
  refine (near_ne _ x _ _ (D_plus _ _ _ _ _ _ _ G (D_mult _ _ _ _ _ _ _ (D_const x (-1)) F)) _).
  lra.
Qed.
Lemma near_and (x : R) (P Q : R -> Prop) :
  locally x P -> locally x Q -> locally x (fun y => P y /\ Q y).
Proof. apply filter_and. Qed.
Lemma near_true (x : R) : locally x (fun _ => True).
Proof. apply filter_true. Qed.
Lemma near_all (x : R) lo hi (P : nat -> R -> Prop) :
  (forall i, (lo <= i <= hi)%nat -> locally x (P i)) ->
  locally x (fun y => forall i, (lo <= i <= hi)%nat -> P i y).
Proof.
  induction hi as [|n IH]; intros H.
  - destruct lo as [|lo].
    + apply (filter_imp (P 0%nat)); [|apply H; lia]. intros y Y i Hi.
      replace i with 0%nat by lia. exact Y.
    + apply filter_forall. intros y i Hi. lia.
  - assert (A : locally x (fun y => forall i, (lo <= i <= n)%nat -> P i y))
      by (apply IH; intros i Hi; apply H; lia).
    destruct (le_lt_dec lo (S n)) as [L|L].
    + apply (filter_imp (fun y => (forall i, (lo <= i <= n)%nat -> P i y) /\ P (S n) y)).
      * intros y [Y Z] i Hi. destruct (Nat.eq_dec i (S n)) as [->|N]; [exact Z|apply Y; lia].
      * apply filter_and; [exact A|apply H; lia].
    + apply filter_forall. intros y i Hi. lia.
Qed.
Lemma D_gpow f g x u v a b : 0 < u -> isD f x u a -> isD g x v b ->
  isD (fun y => rpow (f y) (g y)) x (rpow u v) (rpow u v * (b * ln u + v * / u * a)).
Proof.
  intros P F G. split; [destruct F as [-> _], G as [-> _]; reflexivity|].
  apply (is_derive_ext_loc (fun y => exp (g y * ln (f y)))).
  - apply (filter_imp (fun y => 0 < f y)); [|exact (near_pos _ _ _ _ F P)].
    intros y Y. symmetry. apply rpow_exp, Y.
  - rewrite rpow_exp by assumption. rewrite Rmult_assoc.
    apply (D_exp (fun y => g y * ln (f y))). apply D_mult; [exact G|]. apply D_ln; assumption.
Qed.
Lemma D_vsum lo hi (f : nat -> R -> R) x v l :
  (forall i, (lo <= i <= hi)%nat -> isD (f i) x (v i) (l i)) ->
  isD (fun y => vsum lo hi (fun i => f i y)) x (vsum lo hi v) (vsum lo hi l).
Proof.
  induction hi as [|n IH]; intros H; [exact (D_const x 0)|]. simpl.
  apply D_plus; [apply IH; intros i Hi; apply H; lia|].
  destruct (Nat.leb_spec lo (S n)); [apply H; lia|apply D_const].
Qed.
Lemma D_derive f x v l : isD f x v l -> Derive f x = l.
Proof. intros [_ H]. apply is_derive_unique, H. Qed.
Lemma D_exists (f : R -> R) x v l : isD f x v l -> ex_derive f x.
Proof. intros [_ H]. exists l. exact H. Qed.
Lemma Derive_near (f g : R -> R) x (P : R -> Prop) :
  locally x P -> (forall y, P y -> f y = g y) -> Derive f x = Derive g x.
Proof. intros L H. apply Derive_ext_loc. exact (filter_imp P _ H L). Qed.
Lemma ex_derive_near (f g : R -> R) x (P : R -> Prop) :
  locally x P -> (forall y, P y -> f y = g y) -> ex_derive g x -> ex_derive f x.
Proof.
  intros L H. apply ex_derive_ext_loc. apply (filter_imp P); [|exact L].
  intros y Y. symmetry. apply H, Y.
Qed.
Lemma upd_all (Q : R -> Prop) p k y : Q y -> (forall i, Q (p i)) -> forall i, Q (upd p k y i).
Proof. intros A B i. unfold upd. destruct Nat.eqb; [exact A|apply B]. Qed.
Lemma upd2_all (Q : R -> Prop) p k l y :
  Q y -> (forall i j, Q (p i j)) -> forall i j, Q (upd2 p k l y i j).
Proof. intros A B i j. unfold upd2. destruct andb; [exact A|apply B]. Qed.
"""
